import { useMemo } from "react";
import { useClient } from "../api/clients";
import { useQuery, type Query } from "../api/use-query";
import { PartnerQueryService, type Region } from "../gen/qudao/partner/v1/partner_query_service_pb";

export interface Regions {
  all: Region[];
  root: Region | undefined;
  /** The regions right below one, or below the root. */
  childrenOf: (id: string) => Region[];
  /** From below the root down to the region itself. */
  pathTo: (id: string) => Region[];
}

export function regionTree(all: Region[]): Regions {
  const byId = new Map(all.map((region) => [region.regionId, region]));
  const root = all.find((region) => region.parentId === "");
  return {
    all,
    root,
    childrenOf: (id) => all.filter((region) => region.parentId === (id || root?.regionId)),
    pathTo: (id) => {
      const path: Region[] = [];
      let at = byId.get(id);
      while (at && at !== root && path.length < all.length) {
        path.unshift(at);
        at = byId.get(at.parentId);
      }
      return path;
    },
  };
}

export function useRegions(): Query<Regions> {
  const partners = useClient(PartnerQueryService);
  const query = useQuery("regions", async (signal) => (await partners.listRegions({}, { signal })).regions);
  const data = useMemo(() => query.data && regionTree(query.data), [query.data]);
  return { ...query, data };
}
