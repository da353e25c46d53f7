import type { PriceBreak } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { breakWords } from "./break-words";

interface Props {
  breaks: PriceBreak[];
  unit: string;
  currency: string;
}

/** Other prices of larger quantities, one below the other. */
export function Breaks({ breaks, unit, currency }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      {breaks.map((one) => (
        <span key={one.fromQuantity} className="price-break soft">
          {breakWords(one, { unit, currency, t, format })}
        </span>
      ))}
    </>
  );
}
