/** What the original package makes of a reply: optional JSON parsing, and errors in the payload. */

/** Parses the reply as JSON; one that does not parse is logged and returned as it is. */
export function parseReply(reply: unknown, log: (line: string) => void): unknown {
  try {
    return JSON.parse(reply as string);
  } catch (error) {
    const reason = error instanceof Error ? error.message : JSON.stringify(error);
    log(`[ERROR] forced parsing failed. Expected parsable str from py: ${reason}`);
    return reply;
  }
}

/** The truthy `error` of a reply, which rejects its call with just that value. */
export function errorOf(reply: unknown): unknown {
  if (reply instanceof Map) return reply.get('error');
  return (reply as { error?: unknown } | null | undefined)?.error;
}
