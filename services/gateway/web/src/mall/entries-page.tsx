import { Entries } from "../funds/entries";
import { useI18n } from "../i18n/i18n";
import { MALL_PATH } from "../shell/surface";
import { Balances } from "./balances";
import { MallPage } from "./mall-page";
import { useMall } from "./mall-state";
import { useFunds } from "./use-funds";

/** What changed the dealer's money and credit. */
export default function EntriesPage() {
  const { t } = useI18n();
  const { dealerId } = useMall();
  return (
    <MallPage title={t("mall.funds.entries")} back={`${MALL_PATH}/me`} className="me-entries">
      <Balances query={useFunds()} />
      <Entries dealerId={dealerId} seen={0n} />
    </MallPage>
  );
}
