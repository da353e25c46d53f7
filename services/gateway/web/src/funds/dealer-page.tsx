import { useParams } from "react-router";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useMay, useUser } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { DealerFundsView } from "./dealer-view";

export default function DealerFundsPage() {
  const { dealerId = "" } = useParams();
  const { t } = useI18n();
  const user = useUser();
  const may = useMay();
  if (!may(FundsQueryService.method.getDealerFunds)) {
    return (
      <Page title={t("nav.funds")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  return <DealerFundsView key={dealerId} dealerId={dealerId} own={isDealer(user)} />;
}
