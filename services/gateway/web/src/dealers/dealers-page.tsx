import { useNavigate, useSearchParams } from "react-router";
import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";

export default function DealersPage() {
  const { t } = useI18n();
  const format = useFormat();
  const navigate = useNavigate();
  const { partners } = useClients();
  const [params] = useSearchParams();
  const query = useQuery(
    `dealers?${params}`,
    (signal) =>
      partners.listDealers(
        {
          page: { size: PAGE_SIZE, token: params.get("token") ?? "" },
          search: params.get("q") ?? "",
          regionId: params.get("region") ?? "",
        },
        { signal },
      ),
    { tick: useTick("partners"), keep: true },
  );
  return (
    <Page title={t("nav.dealers")}>
      <div className="filters">
        <SearchBox label={t("dealers.search")} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.dealers.length === 0}
          empty={<Empty title={t("dealers.none")} todo={t("dealers.none.todo")} />}
        >
          {(data) => (
            <>
              <DataTable
                label={t("nav.dealers")}
                rows={data.dealers}
                rowKey={(dealer) => dealer.dealerId}
                onOpen={(dealer) => void navigate(`/?dealer=${encodeURIComponent(dealer.dealerId)}`)}
                columns={[
                  { key: "name", title: t("order.dealer"), cell: (d) => d.name },
                  { key: "id", title: t("dealers.id"), cell: (d) => <span className="mono">{d.dealerId}</span> },
                  { key: "region", title: t("order.region"), cell: (d) => d.regionName },
                  { key: "city", title: t("dealers.city"), cell: (d) => d.city },
                  { key: "since", title: t("dealers.since"), cell: (d) => format.time(d.registeredAt) },
                ]}
                card={(d) => (
                  <>
                    <span className="card-line">
                      <strong>{d.name}</strong>
                      <span>{d.regionName}</span>
                    </span>
                    <span className="card-line soft">
                      <span>{d.city}</span>
                      <span className="mono">{d.dealerId}</span>
                    </span>
                  </>
                )}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="partners" />
                <Pager page={data.page} rows={data.dealers.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
