import { Link } from "react-router";
import { useRegions } from "../cockpit/use-regions";
import { classWords } from "../dealers/classes";
import { useDealerClasses } from "../dealers/use-dealer-classes";
import { PriceListVerdict, Visibility, type ExplainPriceResponse, type TriedPriceList } from "../gen/qudao/order/v1/price_list_service_pb";
import { CatalogueQueryService } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { breakWords } from "../products/break-words";
import { useMay } from "../session/session";
import { DataTable } from "../ui/data-table";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { listVerdictKey, visibilityKey } from "./words";

interface Props {
  answer: ExplainPriceResponse;
}

/** The price with what it comes from, whether the dealer sees the product, and every list with why. */
export function ExplainAnswer({ answer }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const used = answer.priceLists.find(({ priceListId }) => priceListId === answer.priceListId);
  const { unitPriceMinor, currencyCode, nextBreak } = answer;
  return (
    <div className="explain-answer" aria-live="polite">
      <FactList
        facts={[
          [
            t("order.price"),
            <strong key="price" data-explained-price>
              {unitPriceMinor === undefined ? t("explain.noPrice") : format.money(unitPriceMinor, currencyCode)}
            </strong>,
          ],
          [t("explain.from"), used ? <ListName list={used} /> : "–"],
          [t("explain.next"), nextBreak ? breakWords(nextBreak, { unit: "", currency: currencyCode, t, format }) : "–"],
          [t("visibility.title"), <VisibilityTag key="visibility" answer={answer} />],
          [t("explain.dealer"), <Buyer key="buyer" answer={answer} />],
        ]}
      />
      <DataTable<TriedPriceList>
        label={t("explain.lists")}
        rows={answer.priceLists}
        rowKey={(list) => list.priceListId}
        isOpen={(list) => list.verdict === PriceListVerdict.USED}
        columns={[
          { key: "name", title: t("prices.list"), cell: (list) => <ListName list={list} /> },
          { key: "verdict", title: t("trial.verdict"), cell: (list) => <VerdictTag list={list} /> },
          { key: "why", title: t("trial.why"), cell: (list) => <div className="wrap">{t(listVerdictKey(list.verdict))}</div> },
          { key: "price", title: t("explain.its"), number: true, cell: (list) => <Price list={list} currency={currencyCode} /> },
        ]}
        card={(list) => (
          <>
            <span className="card-line">
              <strong>
                <ListName list={list} />
              </strong>
              <VerdictTag list={list} />
            </span>
            <span className="card-line soft">
              <span>{t(listVerdictKey(list.verdict))}</span>
              <Price list={list} currency={currencyCode} />
            </span>
          </>
        )}
      />
    </div>
  );
}

function ListName({ list: { priceListId, name } }: { list: TriedPriceList }) {
  return <Link to={`/prices/${encodeURIComponent(priceListId)}`}>{name}</Link>;
}

function VerdictTag({ list }: { list: TriedPriceList }) {
  const { t } = useI18n();
  const used = list.verdict === PriceListVerdict.USED;
  return <span className={`tag ${used ? "tag-received" : ""}`}>{t(used ? "explain.used" : "explain.notUsed")}</span>;
}

/** A list in another currency has its own; its price is no answer here. */
function Price({ list, currency }: { list: TriedPriceList; currency: string }) {
  const format = useFormat();
  if (list.unitPriceMinor === undefined || list.verdict === PriceListVerdict.OTHER_CURRENCY) return <span className="soft">–</span>;
  return <span className="num">{format.money(list.unitPriceMinor, currency)}</span>;
}

function VisibilityTag({ answer: { visibility, ruleId } }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const seen = visibility === Visibility.VISIBLE;
  return (
    <span data-visibility={seen ? "yes" : "no"}>
      <span className={`tag ${seen ? "tag-received" : "tag-cancelled"}`}>{t(visibilityKey(visibility))}</span>
      {ruleId && may(CatalogueQueryService.method.listAssortmentRules) && (
        <>
          {" "}
          <Link to={`/range?q=${encodeURIComponent(ruleId)}`}>{t("visibility.rule", { id: ruleId })}</Link>
        </>
      )}
    </span>
  );
}

/** What the dealer is on that day. */
function Buyer({ answer: { levelId, channelId, regionIds } }: Props) {
  const { t } = useI18n();
  const classes = useDealerClasses();
  const regions = useRegions();
  const names = regionIds.map((id) => regions.data?.all.find(({ regionId }) => regionId === id)?.name ?? id);
  return (
    <>
      {classWords({ levelId, channelId }, classes, t)}
      <span className="soft"> · {names.join(" › ")}</span>
    </>
  );
}
