import { useMemo } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { useSeldom } from "../ui/use-slow";

/** A level or a channel. */
export interface DealerClass {
  id: string;
  name: string;
}

export interface DealerClasses {
  levels: DealerClass[];
  channels: DealerClass[];
  levelName: (id: string) => string;
  channelName: (id: string) => string;
  /** Whether this person is told of them. */
  told: boolean;
  /** Nothing is known yet. */
  loading: boolean;
  error: unknown;
}

const NONE: DealerClass[] = [];
/** The read model moves with every dealer; levels are named seldom. */
const AGAIN_MS = 5_000;

const naming = (all: DealerClass[]) => (id: string) => all.find((one) => one.id === id)?.name ?? id;

/** The levels and channels of the brand, at least as they were at that position of its log. */
export function useDealerClasses(minPosition = 0n): DealerClasses {
  const partners = useClient(PartnerQueryService);
  const told = useMay()(PartnerQueryService.method.listDealerClasses);
  const tick = useSeldom(useTick("partners"), AGAIN_MS);
  const query = useQuery(
    "dealer-classes",
    async (signal) => {
      const { levels, channels } = await partners.listDealerClasses({ minPosition }, { signal });
      return {
        levels: levels.map(({ levelId, name }) => ({ id: levelId, name })),
        channels: channels.map(({ channelId, name }) => ({ id: channelId, name })),
      };
    },
    { tick: `${tick}/${minPosition}`, enabled: told },
  );
  const { levels, channels } = query.data ?? { levels: NONE, channels: NONE };
  return {
    levels,
    channels,
    levelName: useMemo(() => naming(levels), [levels]),
    channelName: useMemo(() => naming(channels), [channels]),
    told,
    loading: query.loading && query.data === undefined,
    error: query.data === undefined ? query.error : undefined,
  };
}
