const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

/** A day as people write it: `2026-09-30` as `30 Sep 2026`; other text unchanged. */
export function dayText(date: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  const name = MONTHS[Number(month) - 1];
  return name === undefined ? date : `${Number(day)} ${name} ${year}`;
}

/** A day or month as an axis has room for it: `2026-10-03` as `3 Oct`, `2026-10` as `Oct 2026`; other text unchanged. */
export function axisText(label: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(label) ?? [];
  const name = MONTHS[Number(month) - 1];
  if (name === undefined) return label;
  return day === undefined ? `${name} ${year}` : `${Number(day)} ${name}`;
}

/** A period `[start, end)` by its first and last day, the last one included: `1 Sep 2026 to 30 Sep 2026`. */
export function periodText({ start, end }: { start: string; end: string }): string {
  const last = new Date(Date.parse(end) - DAY_MS);
  if (Number.isNaN(last.getTime())) return `${start} to ${end}`;
  const lastDate = last.toISOString().slice(0, 10);
  return lastDate === start ? dayText(start) : `${dayText(start)} to ${dayText(lastDate)}`;
}

/** How long ago something happened, for a list: `Today`, `Yesterday`, else the day. Days are those of the reader's clock. */
export function agoText(instant: Date, now: Date): string {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(instant)) / DAY_MS);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return `${instant.getDate()} ${MONTHS[instant.getMonth()]} ${instant.getFullYear()}`;
}
