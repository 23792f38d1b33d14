let content: Promise<Uint8Array> | undefined;

/** All of standard input; it is read once, however often it is asked for. */
export const readStdin = (): Promise<Uint8Array> => (content ??= readAll());

async function readAll(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
