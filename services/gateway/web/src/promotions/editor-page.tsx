import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { PromotionQueryService, PromotionStatus } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { PromotionService } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCurrency } from "../products/use-currency";
import { useMay, useUser } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { useToday } from "../ui/use-today";
import { Editor } from "./editor";
import { formOf, newForm } from "./form";

export default function EditorPage() {
  const { id } = useParams();
  const may = useMay();
  const { t } = useI18n();
  const method = id === undefined ? PromotionService.method.draftPromotion : PromotionService.method.revisePromotion;
  if (!may(method)) {
    return (
      <Page title={t("nav.promotions")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  return id === undefined ? <New /> : <Existing key={id} id={id} />;
}

function Frame({ title, back, name, children }: { title: string; back: string; name: string; children: ReactNode }) {
  return (
    <Page title={title}>
      <p className="back">
        <Link to={back}>‹ {name}</Link>
      </p>
      {children}
    </Page>
  );
}

function New() {
  const { t } = useI18n();
  const { userId } = useUser();
  const { loading, currency } = useCurrency();
  const today = useToday();
  return (
    <Frame title={t("promo.new")} back="/promotions" name={t("nav.promotions")}>
      {loading ? (
        <Panel>
          <Loading rows={8} />
        </Panel>
      ) : (
        <Editor start={newForm(today, currency, t("promo.group.usual"))} whose={{ userId, promotionId: "", version: 0n }} />
      )}
    </Frame>
  );
}

function Existing({ id }: { id: string }) {
  const { t } = useI18n();
  const { userId } = useUser();
  const promotions = useClient(PromotionQueryService);
  const query = useQuery(`promotion-draft/${id}`, (signal) => promotions.getPromotion({ promotionId: id }, { signal }));
  const name = query.data?.promotion?.name ?? id;
  return (
    <Frame title={t("promo.edit", { name })} back={`/promotions/${encodeURIComponent(id)}`} name={name}>
      <QueryView query={query}>
        {({ promotion, terms }) =>
          promotion?.status === PromotionStatus.DRAFT && terms ? (
            <Editor start={formOf(id, terms)} whose={{ userId, promotionId: id, version: promotion.version }} />
          ) : (
            <Panel>
              <Empty title={t("promo.fixed")} todo={t("promo.fixed.todo")} />
            </Panel>
          )
        }
      </QueryView>
    </Frame>
  );
}
