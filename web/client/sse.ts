export interface SseMessage {
  event: string;
  data: string;
}

/**
 * A parser of `text/event-stream` that takes the stream in whatever pieces the network makes of it and returns the
 * messages complete so far. Comments and unknown fields are skipped (HTML Standard, server-sent events, 9.2.6).
 */
export function createSseParser(): (piece: string) => SseMessage[] {
  let rest = '';
  let event = '';
  let data: string[] = [];

  function takeLine(line: string): SseMessage | undefined {
    if (line === '') {
      const message = data.length > 0 ? { event: event || 'message', data: data.join('\n') } : undefined;
      event = '';
      data = [];
      return message;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    return undefined;
  }

  return (piece) => {
    rest += piece;
    // A CR at the very end may be half of a CRLF whose LF is still on its way.
    const end = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, end).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + rest.slice(end);
    return lines.map(takeLine).filter((message) => message !== undefined);
  };
}
