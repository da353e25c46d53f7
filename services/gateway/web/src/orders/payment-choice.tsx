import { Checkbox } from "antd";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { offered, withSource, type Amounts, type Source } from "./payment";

interface Props {
  currency: string | undefined;
  available: Amounts;
  /** What is taken of each; absent where that is not known before it is done. */
  used?: Amounts;
  without: Source[];
  onChange: (without: Source[]) => void;
}

/** From what is paid: each with what there is and what is taken of it. */
export function PaymentChoice({ currency, available, used, without, onChange }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const sources = offered(available, used, without);
  if (sources.length === 0) return <p className="soft">{t("pay.nothing")}</p>;
  return (
    <ul className="pay-choice">
      {sources.map((source) => (
        <li key={source}>
          <Checkbox
            name={`pay-${source}`}
            checked={!without.includes(source)}
            onChange={(event) => onChange(withSource(without, source, event.target.checked))}
          >
            <span className="pay-source">
              <span>{t(`pay.${source}`)}</span>
              <span className="soft">{t("pay.available", { money: format.money(available[source], currency) })}</span>
            </span>
          </Checkbox>
          {used && (
            <strong className="num" data-paid={source}>
              {format.money(used[source], currency)}
            </strong>
          )}
        </li>
      ))}
    </ul>
  );
}
