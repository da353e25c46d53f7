import { useI18n } from "../i18n/i18n";
import { Page } from "../ui/page";
import { OperatorAccess } from "./operator-access";
import { ParkedFacts } from "./parked";
import { Projections } from "./projections";
import { Streams } from "./streams";

/** How the machinery is doing, and what its operator may do about it. */
export default function SystemPage() {
  const { t } = useI18n();
  return (
    <Page title={t("nav.system")} extra={<OperatorAccess />}>
      <Streams />
      <Projections />
      <ParkedFacts />
    </Page>
  );
}
