// The region tree of the made-up brand: changes of today count at once, others wait.
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { RegionChangeKind, RegionService } from "../gen/qudao/partner/v1/region_service_pb";
import { dealerRows, paged, regionRows } from "./rows";
import type { World } from "./world";

interface Waiting {
  regionId: string;
  change: RegionChangeKind;
  parentId: string;
  effectiveOn: string;
}

export function demoRegions(world: World, fresh: () => object) {
  let announced: Waiting[] = [];
  const retired = new Map<string, string>();
  const today = () => new Date().toISOString().slice(0, 10);
  const find = (id: string) => {
    const region = world.regions.find((one) => one.regionId === id);
    if (!region) throw new ConnectError("no such region", Code.NotFound);
    return region;
  };
  const done = () => {
    world.position += 1n;
    return { receipt: { objectId: "regions", version: world.position, position: world.position } };
  };
  const tree = (asOf: string) => {
    const regions = world.regions.map((region) => {
      const moves = announced.filter((one) => one.change === RegionChangeKind.MOVE && one.regionId === region.regionId);
      const moved = moves.filter(({ effectiveOn }) => effectiveOn <= asOf).pop();
      const dealers = world.dealers.filter(({ regionId }) => regionId === region.regionId).length;
      return { ...region, ...(moved && { parentId: moved.parentId }), dealers, retiredOn: retired.get(region.regionId) ?? "" };
    });
    return { regions, announced, asOf, today: today(), freshness: fresh() };
  };
  return ({ service }: ConnectRouter) => {
    service(PartnerQueryService, {
      listRegions: () => ({ regions: regionRows(world), freshness: fresh() }),
      getRegionTree: ({ asOf }) => tree(asOf || today()),
      listDealerClasses: () => ({ levels: world.levels, channels: world.channels, freshness: fresh() }),
      listDealers: (request) => ({ ...paged("dealers", dealerRows(world, request.search), request.page), freshness: fresh() }),
    });
    service(RegionService, {
      addRegion: ({ regionId, name, parentId }) => {
        world.regions.push({ regionId, name, parentId });
        return done();
      },
      renameRegion: ({ regionId, name }) => {
        find(regionId).name = name;
        return done();
      },
      moveRegion: ({ regionId, parentId, effectiveOn }) => {
        if (effectiveOn <= today()) find(regionId).parentId = parentId;
        else announced.push({ regionId, change: RegionChangeKind.MOVE, parentId, effectiveOn });
        return done();
      },
      retireRegion: ({ regionId, effectiveOn }) => {
        retired.set(regionId, effectiveOn);
        if (effectiveOn > today()) announced.push({ regionId, change: RegionChangeKind.RETIREMENT, parentId: "", effectiveOn });
        return done();
      },
      cancelRegionChange: ({ regionId, change, effectiveOn }) => {
        if (change === RegionChangeKind.RETIREMENT) retired.delete(regionId);
        announced = announced.filter((one) => one.regionId !== regionId || one.change !== change || one.effectiveOn !== effectiveOn);
        return done();
      },
    });
  };
}
