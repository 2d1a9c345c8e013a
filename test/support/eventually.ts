/** Asks again and again until the answer is not undefined. */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  options: { readonly what: string; readonly timeoutMs?: number },
): Promise<T> {
  const deadline = Date.now() + (options.timeoutMs ?? 30_000);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
