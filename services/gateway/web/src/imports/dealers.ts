// Dealers: those that are new are registered. Of those that are there, nothing can be changed so.
import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { DealerService } from "../gen/qudao/partner/v1/dealer_service_pb";
import { PartnerQueryService, type Dealer, type Region } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { everyRow } from "../tables/every-row";
import type { Cells } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";

const COLUMNS: ImportColumn[] = [
  { key: "dealer_id", title: "sheet.dealerId", needed: true, also: ["编号", "id", "dealer"], example: "hengtong" },
  { key: "name", title: "sheet.dealerName", needed: true, also: ["名称", "经销商"], example: "苏州恒通商贸" },
  { key: "region_id", title: "sheet.regionId", needed: true, also: ["区域", "region", "大区"], example: "east" },
  { key: "city", title: "dealers.city", needed: true, also: ["所在城市"], example: "苏州" },
];

const MOST_NAME = 100;

export interface DealerItem {
  dealerId: string;
  name: string;
  /** An id or a name. */
  region: string;
  city: string;
}

function read(cells: Cells): DealerItem {
  return {
    dealerId: cells.id("dealer_id", "sheet.dealerId"),
    name: cells.text("name", "sheet.dealerName", MOST_NAME),
    region: cells.text("region_id", "sheet.regionId", MOST_NAME),
    city: cells.text("city", "dealers.city", MOST_NAME),
  };
}

/** The one region that is called so; a name that several have says nothing. */
export function regionOf(told: string, regions: Region[]): Region | undefined {
  const open = regions.filter(({ retired }) => !retired);
  const named = open.filter(({ name }) => name === told);
  return open.find(({ regionId }) => regionId === told) ?? (named.length === 1 ? named[0] : undefined);
}

export function dealerStep({ dealerId, name, region: told, city }: DealerItem, known: Dealer | undefined, regions: Region[], dealers: Client<typeof DealerService>): Step {
  const region = regionOf(told, regions);
  if (!region) return { kind: "bad", problems: [{ words: "import.bad.noRegion", values: { region: told } }] };
  if (known) {
    const alike = known.name === name && known.regionId === region.regionId && known.city === city;
    return alike ? { kind: "same" } : { kind: "bad", problems: [{ words: "import.bad.dealerExists", values: { id: dealerId, name: known.name } }] };
  }
  const body = { dealerId, name, regionId: region.regionId, city };
  return { kind: "send", words: "import.will.register", values: { region: region.name }, body, send: (requestId) => dealers.registerDealer({ ...body, requestId }) };
}

export function dealersImport(transport: Transport): ImportKind<DealerItem> {
  const partners = createClient(PartnerQueryService, transport);
  const dealers = createClient(DealerService, transport);
  return {
    title: "import.dealers",
    note: "import.dealers.note",
    columns: COLUMNS,
    read,
    once: ({ dealerId }) => dealerId,
    look: async (_, signal) => {
      const { regions } = await partners.listRegions({}, { signal });
      const { rows, first } = await everyRow((page, stop) => partners.listDealers({ page }, { signal: stop }), (part) => part.dealers, { signal, most: Infinity });
      const known = new Map(rows.map((dealer) => [dealer.dealerId, dealer]));
      return { position: first.freshness?.position ?? 0n, stepOf: (item) => dealerStep(item, known.get(item.dealerId), regions, dealers) };
    },
  };
}
