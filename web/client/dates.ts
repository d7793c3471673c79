const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

/** A day, month or quarter as people write it: `30 Sep 2026`, `Sep 2026`, `Q3 2026`; other text unchanged. */
export function dayText(date: string): string {
  const { year, month, day, quarter } = partsOf(date);
  if (quarter !== undefined) return `Q${quarter} ${year}`;
  if (month === undefined) return date;
  return day === undefined ? `${month} ${year}` : `${day} ${month} ${year}`;
}

/** The same as an axis has room for it: days without their year. */
export function axisText(label: string): string {
  const { month, day } = partsOf(label);
  return month === undefined || day === undefined ? dayText(label) : `${day} ${month}`;
}

function partsOf(date: string): { year?: string; month?: string; day?: number; quarter?: string } {
  const [, year, month, day, quarter] = /^(\d{4})-(?:(\d{2})(?:-(\d{2}))?|Q([1-4]))$/.exec(date) ?? [];
  if (year === undefined) return {};
  if (quarter !== undefined) return { year, quarter };
  const name = MONTHS[Number(month) - 1];
  return name === undefined ? {} : { year, month: name, ...(day === undefined ? {} : { day: Number(day) }) };
}

/** The month (`2026-07`) or quarter (`2026-Q3`) that begins with a day; days and weeks go by their first day. */
export function bucketOf(date: string, granularity: string | undefined): string {
  if (!/^\d{4}-\d{2}-01$/.test(date)) return date;
  if (granularity === 'month') return date.slice(0, 7);
  return granularity === 'quarter' ? `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}` : date;
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

/** An instant in UTC, to the minute: `24 Nov 10:50`. */
export function minuteText(instant: string): string {
  const date = new Date(instant);
  const time = date.toISOString().slice(11, 16);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${time}`;
}

/** A span of time in its two greatest units: `350 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
