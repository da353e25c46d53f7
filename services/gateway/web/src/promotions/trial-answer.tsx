import { Link } from "react-router";
import { PromotionVerdict, type QuoteOrderResponse, type TriedPromotion } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useProductNames } from "../products/use-product-names";
import { DataTable } from "../ui/data-table";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { namelessProducts, promotionNames, VERDICTS, verdictWords, type Words } from "./verdicts";

interface Props {
  promotionId: string;
  answer: QuoteOrderResponse;
}

/** What would be paid, and what came of each promotion in the order in which they were tried. */
export function TrialAnswer({ promotionId, answer }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const product = useProductNames(namelessProducts(answer));
  const words: Words = { t, format, currency: answer.currencyCode, product, promotion: promotionNames(answer.promotions) };
  const money = (minor: bigint) => format.money(minor, answer.currencyCode);
  const gifts = answer.gifts.map((gift) =>
    t("promotion.goods", { name: gift.productName || gift.productId, n: format.count(gift.quantity) }),
  );
  return (
    <div className="trial-answer" aria-live="polite">
      <FactList
        facts={[
          [t("order.gross"), money(answer.grossMinor)],
          [t("order.off"), money(-answer.offMinor)],
          [t("order.net"), <strong key="net">{money(answer.netMinor)}</strong>],
          [t("promotion.gifts"), gifts.join(t("promotion.and")) || "–"],
        ]}
      />
      <DataTable<TriedPromotion>
        label={t("trial.verdicts")}
        rows={answer.promotions}
        rowKey={(one) => one.promotionId}
        isOpen={(one) => one.promotionId === promotionId}
        columns={[
          { key: "name", title: t("nav.promotions"), cell: (one) => <Name tried={one} own={one.promotionId === promotionId} /> },
          { key: "verdict", title: t("trial.verdict"), cell: (one) => <VerdictTag tried={one} /> },
          { key: "why", title: t("trial.why"), cell: (one) => <div className="wrap">{verdictWords(one, words)}</div> },
          { key: "times", title: t("trial.times"), number: true, cell: (one) => (one.times > 0 ? format.count(one.times) : "–") },
          { key: "off", title: t("order.off"), number: true, cell: (one) => (one.offMinor > 0n ? money(-one.offMinor) : "–") },
        ]}
        card={(one) => (
          <>
            <span className="card-line">
              <strong>
                <Name tried={one} own={one.promotionId === promotionId} />
              </strong>
              <VerdictTag tried={one} />
            </span>
            <span className="soft">{verdictWords(one, words)}</span>
            {one.offMinor > 0n && <span className="soft">{money(-one.offMinor)}</span>}
          </>
        )}
      />
    </div>
  );
}

function Name({ tried, own }: { tried: TriedPromotion; own: boolean }) {
  if (own) return <strong>{tried.name}</strong>;
  return <Link to={`/promotions/${encodeURIComponent(tried.promotionId)}`}>{tried.name}</Link>;
}

function VerdictTag({ tried }: { tried: TriedPromotion }) {
  const { t } = useI18n();
  const given = tried.verdict === PromotionVerdict.APPLIED;
  return <span className={`tag ${given ? "tag-received" : ""}`}>{t(given ? VERDICTS[tried.verdict] : "trial.not")}</span>;
}
