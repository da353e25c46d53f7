import { NavLink, useParams } from "react-router";
import { ReconciliationQueryService } from "../gen/qudao/order/v1/reconciliation_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { BankLines } from "./bank-lines";
import { Bills } from "./bills";
import "./reconciliation.css";

/** What came to the brand's accounts and to providers, against what is on record. */
export default function ReconciliationPage() {
  const { t } = useI18n();
  const may = useMay();
  const { area } = useParams();
  return (
    <Page title={t("nav.reconciliation")}>
      {may(ReconciliationQueryService.method.listBankLines) ? (
        <>
          <nav className="areas" aria-label={t("nav.reconciliation")}>
            <NavLink to="/reconciliation" end>
              {t("recon.lines")}
            </NavLink>
            <NavLink to="/reconciliation/bills">{t("recon.bills")}</NavLink>
          </nav>
          {area === "bills" ? <Bills /> : <BankLines />}
        </>
      ) : (
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      )}
    </Page>
  );
}
