const isTerminal = process.stderr.isTTY === true;
const dim = (text) => (isTerminal ? `\u001b[2m${text}\u001b[22m` : text);

/** Runs one step of a set-up and shows on stderr that it runs and how long it took. */
export async function step(title, work) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  let timer;
  if (isTerminal) {
    const draw = () => process.stderr.write(`\r\u001b[K… ${title} ${dim(seconds())}`);
    draw();
    timer = setInterval(draw, 500);
  } else {
    console.error(`… ${title}`);
  }
  const mark = (sign) => {
    clearInterval(timer);
    process.stderr.write(`${isTerminal ? "\r\u001b[K" : ""}${sign} ${title} ${dim(seconds())}\n`);
  };
  try {
    const result = await work();
    mark("✓");
    return result;
  } catch (error) {
    mark("✗");
    throw error;
  }
}
