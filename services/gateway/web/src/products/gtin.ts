// Barcodes of goods, by the same rules as the server's.

/** The digit that the others ask for, which come without it: 3 and 1 times the digits from the right. */
export function checkDigit(digits: string): number {
  const sum = [...digits].reverse().reduce((all, digit, place) => all + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}

/** What is wrong with a barcode; undefined of one that is right, and of nothing. */
export function gtinProblem(text: string): { words: "gtin.form" } | { words: "gtin.check"; digit: number } | undefined {
  if (text === "") return undefined;
  if (!/^(\d{8}|\d{12,14})$/.test(text) || /^0+$/.test(text)) return { words: "gtin.form" };
  const digit = checkDigit(text.slice(0, -1));
  return text.endsWith(String(digit)) ? undefined : { words: "gtin.check", digit };
}

/** As a scanner or a person writes it: wide digits, spaces and dashes make no difference. */
export function plainGtin(text: string): string {
  return text.normalize("NFKC").replace(/[\s-]/g, "");
}

/** The longest form, which is the same of all forms of one number; empty of what is no barcode. */
export function gtinKey(text: string): string {
  const plain = plainGtin(text);
  return plain !== "" && gtinProblem(plain) === undefined ? plain.padStart(14, "0") : "";
}
