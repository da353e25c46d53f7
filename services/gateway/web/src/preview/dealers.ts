// What the dealers of the made-up brand are: changes of today count at once, others wait.
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { DealerService } from "../gen/qudao/partner/v1/dealer_service_pb";
import type { World } from "./world";

/** Adds what is new, and calls what is there already by its new name. */
function named<Row extends { name: string }>(known: Row[], said: Row[], id: (row: Row) => string): Row[] {
  const names = new Map(said.map((row) => [id(row), row.name]));
  const kept = known.map((row) => ({ ...row, name: names.get(id(row)) ?? row.name }));
  return [...kept, ...said.filter((row) => !known.some((one) => id(one) === id(row)))];
}

export function demoDealers(world: World) {
  const today = () => new Date().toISOString().slice(0, 10);
  const done = (objectId: string) => {
    world.position += 1n;
    return { receipt: { objectId, version: 1n, position: world.position } };
  };
  return ({ service }: ConnectRouter) => {
    service(DealerService, {
      defineDealerClasses: ({ levels, channels }) => {
        world.levels = named(world.levels, levels.map(({ levelId, name }) => ({ levelId, name })), ({ levelId }) => levelId);
        world.channels = named(world.channels, channels.map(({ channelId, name }) => ({ channelId, name })), ({ channelId }) => channelId);
        return done("classes");
      },
      classifyDealer: ({ dealerId, levelId, channelId, effectiveOn }) => {
        const dealer = world.dealers.find((one) => one.dealerId === dealerId);
        if (!dealer) throw new ConnectError("no such dealer", Code.NotFound);
        if (effectiveOn === "" || effectiveOn <= today()) Object.assign(dealer, { levelId, channelId });
        else dealer.announced = [...dealer.announced.filter((one) => one.effectiveOn !== effectiveOn), { effectiveOn, levelId, channelId }];
        return done(dealerId);
      },
    });
  };
}
