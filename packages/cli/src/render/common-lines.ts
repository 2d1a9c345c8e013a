/** The indices of a line that two texts share. */
export type Pair = readonly [old: number, young: number];

/**
 * The lines that two texts have in common, as pairs of growing indices. Lines that both have once
 * are the anchors, as many as keep their order; from there equal neighbours are added. It takes
 * n log n steps for any texts, and closing braces do not pull blocks apart.
 */
export function commonLines(old: readonly string[], young: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  let [o, y] = [0, 0];
  const anchors = [[0, 0], ...longestRise(sharedOnce(old, young)), [old.length, young.length]];
  for (const [anchorOld, anchorNew] of anchors as Pair[]) {
    if (anchorOld < o) continue;
    let [startOld, startNew] = [anchorOld, anchorNew];
    while (startOld > o && startNew > y && old[startOld - 1] === young[startNew - 1]) {
      [startOld, startNew] = [startOld - 1, startNew - 1];
    }
    [o, y] = [startOld, startNew];
    while (o < old.length && y < young.length && old[o] === young[y]) pairs.push([o++, y++]);
  }
  return pairs;
}

/** Lines that stand exactly once in both texts, in the order of the old one. */
function sharedOnce(old: readonly string[], young: readonly string[]): Pair[] {
  const inYoung = onlyOnce(young);
  return [...onlyOnce(old)].flatMap(([line, index]): Pair[] => {
    const other = inYoung.get(line);
    return other === undefined ? [] : [[index, other]];
  });
}

function onlyOnce(lines: readonly string[]): Map<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  lines.forEach((line, index) => {
    if (places.has(line)) repeated.add(line);
    places.set(line, index);
  });
  for (const line of repeated) places.delete(line);
  return places;
}

/** The longest part of pairs with growing first numbers in which the second ones grow too. */
function longestRise(pairs: readonly Pair[]): Pair[] {
  const tails: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([, value], index) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]![1] < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : tails[low - 1]!;
    tails[low] = index;
  });
  const rise: Pair[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at]!) rise.push(pairs[at]!);
  return rise.reverse();
}
