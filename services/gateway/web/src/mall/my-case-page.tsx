import { useParams } from "react-router";
import { AfterSaleActions } from "../after-sales/after-sale-actions";
import { AfterSaleFacts } from "../after-sales/after-sale-facts";
import { AfterSaleGoodsPanel } from "../after-sales/after-sale-goods";
import { AfterSaleStory } from "../after-sales/after-sale-story";
import { useAfterSale } from "../after-sales/use-after-sale";
import { AFTER_SALES } from "../after-sales/words";
import { OrderAttachments } from "../files/attachments";
import { useI18n } from "../i18n/i18n";
import { MALL_PATH } from "../shell/surface";
import { FreshnessMark } from "../ui/freshness";
import { Loading, QueryView } from "../ui/states";
import { MallPage } from "./mall-page";

/** An after-sale case, as the dealer follows it. */
export default function MyCasePage() {
  const { id = "" } = useParams();
  return <MyCase key={id} id={id} />;
}

function MyCase({ id }: { id: string }) {
  const { t } = useI18n();
  const { query, setSeen } = useAfterSale(id);
  return (
    <MallPage title={t("case.of", { id })} back={`${MALL_PATH}/orders`} className="my-order">
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {({ afterSale: one, freshness }) =>
          one && (
            <>
              <section className="mall-card">
                <AfterSaleFacts one={one} />
              </section>
              <AfterSaleGoodsPanel one={one} />
              <AfterSaleStory one={one} />
              <OrderAttachments orderId={one.orderId} dealerId={one.dealerId} />
              <FreshnessMark freshness={freshness} projection={AFTER_SALES} />
              <div className="mall-bar order-bar">
                <AfterSaleActions one={one} onDone={setSeen} onStale={query.refetch} />
              </div>
            </>
          )
        }
      </QueryView>
    </MallPage>
  );
}
