import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";

const MOST = 200;

/** What people call these dealers: invitations know them by id only. */
export function useDealerNames(ids: string[]): Map<string, string> {
  const partners = useClient(PartnerQueryService);
  const wanted = [...new Set(ids.filter(Boolean))].sort();
  const query = useQuery(
    `dealer-names/${wanted.join()}`,
    async (signal) => {
      const first = await partners.listDealers({ page: { size: MOST } }, { signal });
      const names = new Map(first.dealers.map((dealer) => [dealer.dealerId, dealer.name]));
      const missing = wanted.filter((id) => !names.has(id));
      const rest = await Promise.all(missing.map((search) => partners.listDealers({ search, page: { size: 50 } }, { signal })));
      for (const dealer of rest.flatMap((answer) => answer.dealers)) names.set(dealer.dealerId, dealer.name);
      return names;
    },
    { enabled: wanted.length > 0, keep: true },
  );
  return query.data ?? new Map();
}
