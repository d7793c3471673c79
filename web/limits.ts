/** Characters a question may have; the page counts down to it, the server refuses beyond it. */
export const QUESTION_MAX_CHARS = 4000;

/** Characters the reason of a feedback may have. */
export const REASON_MAX_CHARS = 1000;
