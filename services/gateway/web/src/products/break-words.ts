import type { PriceBreak } from "../gen/qudao/order/v1/price_list_service_pb";
import type { Translate } from "../i18n/i18n";
import type { Format } from "../ui/format";

interface Words {
  /** The base unit, where it is known. */
  unit: string;
  currency: string;
  t: Translate;
  format: Format;
}

/** `满 10 瓶 ¥3.30`: what one costs from how many on. */
export function breakWords({ fromQuantity, unitPriceMinor }: PriceBreak, { unit, currency, t, format }: Words): string {
  const price = format.money(unitPriceMinor, currency);
  return t("price.break", { n: format.count(fromQuantity), unit: unit || t("price.unit"), price });
}
