import { expect, it } from "vitest";
import { codeIn, lightOf } from "./scan-reader";

const LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"];
const PARITY = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"];
const flipped = (bits: string) => [...bits].map((bit) => (bit === "0" ? "1" : "0")).join("");
const turned = (bits: string) => [...bits].reverse().join("");

/** The bars of an EAN-13, by its standard: 1 is black. */
function bars(code: string): string {
  const [first = "0", ...rest] = code;
  const left = rest.slice(0, 6).map((digit, at) => {
    const bits = LEFT[Number(digit)] ?? "";
    return PARITY[Number(first)]?.[at] === "G" ? turned(flipped(bits)) : bits;
  });
  const right = rest.slice(6).map((digit) => flipped(LEFT[Number(digit)] ?? ""));
  return `101${left.join("")}01010${right.join("")}101`;
}

function photo(code: string): { rgba: Uint8ClampedArray; width: number; height: number } {
  const [quiet, wide, height] = [20, 3, 120];
  const pattern = `${"0".repeat(quiet)}${bars(code)}${"0".repeat(quiet)}`;
  const width = pattern.length * wide;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 10; y < height - 10; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (pattern[Math.floor(x / wide)] === "1") rgba.fill(20, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { rgba, width, height };
}

it("reads the bar code in a picture, and nothing where none is", () => {
  for (const code of ["2000000000008", "6901234567892"]) {
    const { rgba, width, height } = photo(code);
    expect(codeIn(lightOf(rgba), width, height)).toBe(code);
  }
  expect(codeIn(new Uint8ClampedArray(200 * 100).fill(200), 200, 100)).toBeUndefined();
});
