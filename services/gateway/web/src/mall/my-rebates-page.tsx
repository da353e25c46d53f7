import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { RebateQueryService, type RebateAccrual } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { AccrualWhy } from "../rebates/accrual-why";
import { missingWords, REBATES, rewardWords } from "../rebates/words";
import { MALL_PATH } from "../shell/surface";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Empty, Loading, QueryView } from "../ui/states";
import { MallPage } from "./mall-page";
import { useMall } from "./mall-state";

/** What the dealer has reached under each plan, and what is missing for the next tier. */
export default function MyRebatesPage() {
  const { t } = useI18n();
  const { dealerId } = useMall();
  const rebates = useClient(RebateQueryService);
  const query = useQuery(`my-rebates/${dealerId}`, (signal) => rebates.listDealerRebates({ dealerId }, { signal }), {
    tick: useTick(REBATES),
    keep: true,
  });
  return (
    <MallPage title={t("mall.rebates")} back={`${MALL_PATH}/me`} className="my-rebates">
      <QueryView
        query={query}
        skeleton={<Loading rows={6} />}
        isEmpty={(data) => data.accruals.length === 0}
        empty={<Empty title={t("mall.rebates.none")} todo={t("mall.rebates.none.todo")} />}
      >
        {({ accruals, freshness }) => (
          <>
            {accruals.map((one) => (
              <Rebate key={`${one.planId}/${one.period}`} accrual={one} />
            ))}
            <FreshnessMark freshness={freshness} projection={REBATES} />
          </>
        )}
      </QueryView>
    </MallPage>
  );
}

function Rebate({ accrual }: { accrual: RebateAccrual }) {
  const { t } = useI18n();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const { planId, planName, period, dealerId, currencyCode, accruedMinor, settledMinor, tierNo, nextTier } = accrual;
  const missing = missingWords(accrual, t, format);
  return (
    <section className="mall-card rebate-why">
      <button type="button" className="card-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="card-line">
          <strong>{planName}</strong>
          <span className="soft">{period}</span>
        </span>
        <span className="card-line">
          <span>{tierNo ? t("rebate.tier", { n: tierNo }) : t("rebate.tier.none")}</span>
          <strong>{format.money(accruedMinor, currencyCode)}</strong>
        </span>
        <span className="card-line soft">
          <span>{missing && `${missing} · ${rewardWords(nextTier?.reward, currencyCode, t, format)}`}</span>
          <span>
            {t("rebate.settled")} {format.money(settledMinor, currencyCode)}
          </span>
        </span>
      </button>
      {open && <AccrualWhy planId={planId} period={period} dealerId={dealerId} seen={0n} />}
    </section>
  );
}
