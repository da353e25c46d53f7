import { Link } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { FUNDS } from "../funds/words";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";

/** That orders do not look at any of this, where that is so. */
export function UncheckedNotice() {
  const { t } = useI18n();
  const funds = useClient(FundsQueryService);
  const may = useMay()(FundsQueryService.method.getOrderRules);
  const query = useQuery("stock-rules", (signal) => funds.getOrderRules({}, { signal }), { tick: useTick(FUNDS), enabled: may });
  if (query.data === undefined || query.data.rules?.stockChecked) return null;
  return (
    <p className="note">
      {t("stock.unchecked")} <Link to="/funds?tab=rules">{t("funds.tab.rules")}</Link>
    </p>
  );
}
