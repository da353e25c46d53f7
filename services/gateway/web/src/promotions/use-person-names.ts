import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { UserQueryService } from "../gen/qudao/partner/v1/user_query_service_pb";
import { useMay, useUser } from "../session/session";

const MOST = 200;

/** What these people are called, for whoever may see who works here; else their ids. */
export function usePersonNames(ids: string[]): (id: string) => string {
  const users = useClient(UserQueryService);
  const user = useUser();
  const may = useMay();
  const others = [...new Set(ids)].filter((id) => id && id !== user.userId).sort();
  const query = useQuery(
    `person-names/${others.join()}`,
    async (signal) => {
      const { users: found } = await users.listUsers({ page: { size: MOST } }, { signal });
      return new Map(found.map(({ login, name }) => [login, name]));
    },
    { enabled: others.length > 0 && may(UserQueryService.method.listUsers), keep: true },
  );
  return (id) => (id === user.userId ? user.name : query.data?.get(id)) || id;
}
