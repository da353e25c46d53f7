import { Select } from "antd";
import { useI18n } from "../i18n/i18n";
import { companyName, useSwitch } from "./company-switch";
import { useUser } from "./session";

/** Offered to who works in more than one company. */
export default function CompanySelect() {
  const { t } = useI18n();
  const { memberships, membershipId } = useUser();
  const { switchTo, busy } = useSwitch();
  return (
    <Select
      className="company-switch"
      size="small"
      variant="borderless"
      aria-label={t("company.switch")}
      value={membershipId}
      loading={busy}
      popupMatchSelectWidth={false}
      options={memberships.map((membership) => ({
        value: membership.membershipId,
        label: companyName(membership, t),
      }))}
      onChange={(id) => void switchTo(id)}
    />
  );
}
