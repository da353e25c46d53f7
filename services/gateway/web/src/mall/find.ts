// Finds products by what people type: names, codes, categories, and Chinese by how it sounds.
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { gtinKey } from "../products/gtin";

/** How a text sounds: by first letters, and in full. */
export type Sounds = (text: string) => { initials: string; full: string };

export interface Entry {
  product: Product;
  name: string;
  code: string;
  /** Barcodes in their longest form. */
  barcodes: string[];
  category: string;
  initials: string;
  full: string;
}

/** Large and small letters, and spaces, make no difference. */
const plain = (text: string) => text.toLowerCase().replace(/\s+/g, "");

/** What there is to be found. Until somebody knows how names sound, they are found by the rest. */
export function entriesOf(products: Product[], sounds?: Sounds): Entry[] {
  return products.map((product) => {
    const { initials, full } = sounds?.(product.name) ?? { initials: "", full: "" };
    return {
      product,
      name: plain(product.name),
      code: product.productId.toLowerCase(),
      barcodes: product.barcodes.map(({ barcode }) => barcode.padStart(14, "0")),
      category: plain(product.categoryPath.join("")),
      initials: plain(initials),
      full: plain(full),
    };
  });
}

/** The lower, the closer; undefined where it is something else. */
function rank({ name, code, barcodes, category, initials, full }: Entry, wanted: string): number | undefined {
  const tests = [
    code === wanted || barcodes.includes(gtinKey(wanted)),
    name.startsWith(wanted),
    initials.startsWith(wanted),
    name.includes(wanted),
    full.startsWith(wanted),
    initials.includes(wanted),
    full.includes(wanted),
    code.includes(wanted),
    category.includes(wanted),
  ];
  const first = tests.indexOf(true);
  return first < 0 ? undefined : first;
}

/** What comes closest first; of what is as close, in the order it was in. */
export function found(entries: Entry[], query: string): Product[] {
  const wanted = plain(query);
  if (wanted === "") return [];
  const ranked = entries.flatMap((entry) => {
    const place = rank(entry, wanted);
    return place === undefined ? [] : [{ place, product: entry.product }];
  });
  return ranked.sort((a, b) => a.place - b.place).map(({ product }) => product);
}
