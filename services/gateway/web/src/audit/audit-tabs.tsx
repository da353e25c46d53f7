import { NavLink } from "react-router";
import { useI18n } from "../i18n/i18n";

/** What an auditor looks at: what changed, and who called. */
export function AuditTabs() {
  const { t } = useI18n();
  return (
    <nav className="sub-nav" aria-label={t("nav.audit")}>
      <NavLink to="/audit" end>
        {t("audit.tab.events")}
      </NavLink>
      <NavLink to="/audit/calls">{t("calls.title")}</NavLink>
    </nav>
  );
}
