import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { carry } from "../api/transport";
import {
  CurrentUserSchema,
  IdentityService,
  SignInResponseSchema,
  type SignInResponse,
} from "../gen/qudao/partner/v1/identity_service_pb";
import { Keeper, type Surroundings } from "./keeper";
import { lifeOf, sessionOf, type Session } from "./store";

const MINUTE = 60_000;

/** The server's side: each refresh token works once; the same use, repeated, has the same answer. */
class Server {
  number = 1;
  calls: string[] = [];
  lose = 0;
  down = 0;
  ended = false;
  private last: { token: string; id: string } | undefined;

  answer(): SignInResponse {
    const user = create(CurrentUserSchema, { tenantId: "bikes", userId: "lin" });
    return create(SignInResponseSchema, {
      token: `access-${this.number}`,
      refreshToken: `refresh-${this.number}`,
      sessionId: "s1",
      user,
    });
  }

  exchange = async (token: string, id: string): Promise<SignInResponse> => {
    this.calls.push(`${token} ${id}`);
    await Promise.resolve();
    if (this.down > 0) {
      this.down -= 1;
      throw new ConnectError("no network", Code.Unavailable);
    }
    const repeated = this.last?.token === token && this.last.id === id;
    if (this.ended || (token !== `refresh-${this.number}` && !repeated)) {
      this.ended = true;
      throw new ConnectError("the session was ended", Code.Unauthenticated);
    }
    if (!repeated) {
      this.number += 1;
      this.last = { token, id };
    }
    if (this.lose > 0) {
      this.lose -= 1;
      throw new ConnectError("the answer was lost", Code.DeadlineExceeded);
    }
    return this.answer();
  };
}

/** A browser: what its tabs share, with one lock for all of them. */
class Browser {
  stored: Session | undefined;
  now = 1_000_000;
  tabs: Keeper[] = [];
  private queue: Promise<unknown> = Promise.resolve();

  constructor(readonly server: Server) {}

  open(): Keeper {
    const around: Surroundings = {
      read: () => this.stored,
      write: (session) => {
        this.stored = session;
      },
      alone: (work) => {
        const turn = this.queue.then(work);
        this.queue = turn.catch(() => undefined);
        return turn;
      },
      exchange: this.server.exchange,
      now: () => this.now,
      pause: async () => undefined,
    };
    const keeper = new Keeper(around);
    this.tabs.push(keeper);
    return keeper;
  }

  /** What the `storage` event does for the tabs that did not write. */
  tell(writer: Keeper) {
    for (const tab of this.tabs) if (tab !== writer) tab.adopt();
  }
}

function signedIn() {
  const server = new Server();
  const browser = new Browser(server);
  const keeper = browser.open();
  keeper.begin(server.answer());
  return { server, browser, keeper };
}

describe("keeping a sign-in", () => {
  it("gives the token out as it is while it holds", async () => {
    const { keeper, server } = signedIn();
    expect(await keeper.token()).toBe("access-1");
    expect(server.calls).toEqual([]);
  });

  it("exchanges once for all calls that find the token at its end", async () => {
    const { keeper, server, browser } = signedIn();
    browser.now += 15 * MINUTE;
    const tokens = await Promise.all([keeper.token(), keeper.token(), keeper.token()]);
    expect(tokens).toEqual(["access-2", "access-2", "access-2"]);
    expect(server.calls).toHaveLength(1);
  });

  it("exchanges ahead of time", async () => {
    const { keeper, server, browser } = signedIn();
    expect(keeper.untilEarly()).toBe(14 * MINUTE);
    browser.now += 14 * MINUTE;
    await keeper.early();
    expect(keeper.current().session?.token).toBe("access-2");
    expect(server.calls).toHaveLength(1);
  });

  it("uses a refresh token once, also when two tabs want the next one at the same time", async () => {
    const { keeper, server, browser } = signedIn();
    const other = browser.open();
    browser.now += 15 * MINUTE;
    const tokens = await Promise.all([keeper.token(), other.token(), keeper.renew("access-1"), other.renew("access-1")]);
    expect(tokens).toEqual(["access-2", "access-2", "access-2", "access-2"]);
    expect(server.calls).toHaveLength(1);
    expect(server.ended).toBe(false);
  });

  it("asks for a lost answer again under the same id", async () => {
    const { keeper, server } = signedIn();
    server.lose = 1;
    expect(await keeper.renew("access-1")).toBe("access-2");
    expect(server.calls).toHaveLength(2);
    expect(new Set(server.calls).size).toBe(1);
  });

  it("lets the next tab repeat what a closed one did not see answered", async () => {
    const { keeper, server, browser } = signedIn();
    server.lose = 3;
    await expect(keeper.renew("access-1")).rejects.toThrow();
    const next = browser.open();
    expect(await next.renew("access-1")).toBe("access-2");
    expect(new Set(server.calls).size).toBe(1);
  });

  it("goes on after a while without a network", async () => {
    const { keeper, server } = signedIn();
    server.down = 3;
    await expect(keeper.renew("access-1")).rejects.toThrow(/network/);
    expect(keeper.current().over).toBe(false);
    expect(await keeper.renew("access-1")).toBe("access-2");
  });

  it("is over in all tabs when it was revoked, and the person is remembered", async () => {
    const { keeper, server, browser } = signedIn();
    const other = browser.open();
    server.ended = true;
    expect(await keeper.renew("access-1")).toBeUndefined();
    browser.tell(keeper);
    for (const tab of [keeper, other]) {
      expect(tab.current()).toMatchObject({ over: true });
      expect(tab.current().session?.user.userId).toBe("lin");
      expect(await tab.token()).toBeUndefined();
    }
    expect(keeper.current().why).toBeInstanceOf(ConnectError);
    expect(browser.open().current()).toMatchObject({ session: undefined, over: true });
  });

  it("begins again in all tabs, and what failed is asked for once more", async () => {
    const { keeper, server, browser } = signedIn();
    const other = browser.open();
    server.ended = true;
    await keeper.renew("access-1");
    browser.tell(keeper);
    const before = other.current().generation;
    server.ended = false;
    keeper.begin(server.answer());
    browser.tell(keeper);
    expect(other.current()).toMatchObject({ over: false });
    expect(other.current().generation).toBeGreaterThan(before);
    expect(await other.token()).toBe("access-1");
  });

  it("stays away from who left while the exchange was under way", async () => {
    const { keeper, browser } = signedIn();
    const other = browser.open();
    const renewed = keeper.renew("access-1");
    other.end();
    browser.tell(other);
    expect(await renewed).toBeUndefined();
    expect(browser.stored).toBeUndefined();
    expect(keeper.current().session).toBeUndefined();
  });

  it("keeps the refresh token when only the company or the password changed", () => {
    const { keeper, browser } = signedIn();
    const id = browser.stored?.refreshId;
    const user = create(CurrentUserSchema, { tenantId: "bikes", userId: "lin", dealerId: "d-1" });
    keeper.goOn(create(SignInResponseSchema, { token: "other", user }));
    expect(browser.stored).toMatchObject({ token: "other", refreshToken: "refresh-1", refreshId: id });
  });
});

describe("an access token", () => {
  it("lasts as long as it says, whatever this machine's clock shows", () => {
    const claims = Buffer.from(JSON.stringify({ iat: 1_000, exp: 1_600 })).toString("base64url");
    expect(lifeOf(`e30.${claims}.c2ln`)).toBe(600_000);
    expect(lifeOf("preview")).toBe(15 * MINUTE);
  });

  it("is of nobody without a user", () => {
    expect(sessionOf(create(SignInResponseSchema, { token: "a" }), 0)).toBeUndefined();
  });
});

describe("a call", () => {
  function calling(refuse: string[]) {
    const { keeper, server } = signedIn();
    const seen: string[] = [];
    const transport = createRouterTransport(
      ({ service }) =>
        service(IdentityService, {
          getCurrentUser: (_, { requestHeader }) => {
            const token = requestHeader.get("authorization")?.replace("Bearer ", "") ?? "";
            seen.push(token);
            if (refuse.includes(token)) throw new ConnectError("ended early", Code.Unauthenticated);
            return { user: { userId: "lin" } };
          },
        }),
      { transport: { interceptors: [carry({ token: () => keeper.token(), renew: (refused) => keeper.renew(refused) })] } },
    );
    return { client: createClient(IdentityService, transport), seen, server, keeper };
  }

  it("is made once more with the next token", async () => {
    const { client, seen } = calling(["access-1"]);
    expect((await client.getCurrentUser({})).user?.userId).toBe("lin");
    expect(seen).toEqual(["access-1", "access-2"]);
  });

  it("is not made for ever", async () => {
    const { client, seen } = calling(["access-1", "access-2"]);
    await expect(client.getCurrentUser({})).rejects.toThrow("ended early");
    expect(seen).toEqual(["access-1", "access-2"]);
  });

  it("says that nobody is signed in when the session is over", async () => {
    const { client, seen, server, keeper } = calling(["access-1"]);
    server.ended = true;
    await expect(client.getCurrentUser({})).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(seen).toEqual(["access-1"]);
    expect(keeper.current().over).toBe(true);
  });
});
