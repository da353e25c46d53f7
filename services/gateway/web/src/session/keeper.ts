// Keeps the sign-in of all tabs: gives out access tokens, and exchanges the refresh token for the
// next one shortly before they end or when one is refused. Each refresh token is used once, whatever
// number of calls and tabs want a new access token at the same time: they wait for one lock, and
// whoever comes later finds what the first one stored.
import { Code, ConnectError } from "@connectrpc/connect";
import type { SignInResponse } from "../gen/qudao/partner/v1/identity_service_pb";
import { sessionOf, type Session } from "./store";

export interface Surroundings {
  /** What all tabs share. */
  read: () => Session | undefined;
  write: (session: Session | undefined) => void;
  /** Nobody else, in whatever tab, does anything meanwhile that asked for the same. */
  alone: <T>(work: () => Promise<T>) => Promise<T>;
  exchange: (refreshToken: string, requestId: string) => Promise<SignInResponse | undefined>;
  now: () => number;
  pause: (millis: number) => Promise<void>;
}

export interface Kept {
  /** Also while it is over, until the person signs in again or leaves. */
  session: Session | undefined;
  over: boolean;
  /** What the server said when it ended the session; undefined when another tab was told. */
  why: unknown;
  /** Changes when a session begins: answers from before are asked for again. */
  generation: number;
}

/** So long before its end an access token is not used any more. */
const MARGIN_MS = 10_000;
/** So long before its end it is exchanged without anybody waiting for it. */
const EARLY_MS = 60_000;
/** Pauses before the same exchange is tried again; the server knows a repeat for ten seconds. */
const RETRIES_MS = [500, 1_500];

/** Refusals that no repeat changes; after anything else the session may well go on. */
const FINAL = [
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.InvalidArgument,
  Code.NotFound,
  Code.FailedPrecondition,
];

export class Keeper {
  private kept: Kept;
  private readonly followers = new Set<() => void>();
  private running: Promise<void> | undefined;

  constructor(private readonly around: Surroundings) {
    const session = around.read();
    // A page that is opened after the end has nothing on it that could be lost.
    const alive = session?.token ? session : undefined;
    this.kept = { session: alive, over: session !== undefined && !alive, why: undefined, generation: 0 };
  }

  readonly current = (): Kept => this.kept;

  readonly follow = (follower: () => void): (() => void) => {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  };

  /** Somebody signed in, set a password or accepted an invitation. */
  begin(answer: SignInResponse) {
    this.take(sessionOf(answer, this.around.now()), true);
  }

  /** The next token of the session at hand: another company, another password. */
  goOn(answer: SignInResponse) {
    this.take(sessionOf(answer, this.around.now(), this.around.read()), true);
  }

  /** What is known of the person may have changed without another token. */
  update(change: (session: Session) => Session) {
    const stored = this.around.read();
    if (stored?.token && stored.sessionId === this.kept.session?.sessionId) this.take(change(stored), false);
  }

  /** The person left. */
  end() {
    this.around.write(undefined);
    this.set({ session: undefined, over: false, why: undefined });
  }

  /** Another tab changed what all share. */
  adopt() {
    const stored = this.around.read();
    const { session, over } = this.kept;
    if (!stored) {
      if (session || over) this.set({ session: undefined, over: false, why: undefined });
    } else if (!stored.token) {
      if (session && !over) this.set({ session: { ...session, token: "" }, over: true, why: undefined });
    } else if (stored.token !== session?.token) {
      this.set({ session: stored, over: false, why: undefined }, over || stored.sessionId !== session?.sessionId);
    }
  }

  /** The token of the next call; one that is about to end is exchanged first. */
  async token(): Promise<string | undefined> {
    const session = this.kept.session;
    if (session?.token && session.expiresAt - this.around.now() < MARGIN_MS) await this.exchange(session.token);
    return this.kept.session?.token || undefined;
  }

  /** Another token than the refused one; undefined when the session is over. */
  async renew(refused: string): Promise<string | undefined> {
    await this.exchange(refused);
    // That may have been the exchange of a token before this one.
    if (this.kept.session?.token === refused) await this.exchange(refused);
    const token = this.kept.session?.token;
    return token && token !== refused ? token : undefined;
  }

  /** Milliseconds until the token should be exchanged without being asked to. */
  untilEarly(): number | undefined {
    const session = this.kept.session;
    return session?.token ? Math.max(0, session.expiresAt - EARLY_MS - this.around.now()) : undefined;
  }

  /** Exchanges ahead of time. Without an answer the token at hand still holds. */
  async early(): Promise<void> {
    const token = this.kept.session?.token;
    if (token && (this.untilEarly() ?? EARLY_MS) < 1_000) await this.exchange(token).catch(() => undefined);
  }

  /** All calls of the tab that find the same token wanting wait for one exchange. */
  private exchange(stale: string): Promise<void> {
    this.running ??= this.around
      .alone(() => this.exchangeAlone(stale))
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  private async exchangeAlone(stale: string): Promise<void> {
    const stored = this.around.read();
    // Somebody was faster: another tab, or a call that was refused before this one.
    if (stored?.token !== stale || !stored.refreshToken) {
      if (stored?.token === stale) this.lapse(undefined);
      else this.adopt();
      return;
    }
    try {
      const answer = await this.insistently(stored);
      const next = answer && sessionOf(answer, this.around.now(), stored);
      // Who left meanwhile stays away.
      if (next && this.around.read()?.refreshId === stored.refreshId) this.take(next, false);
    } catch (failure) {
      if (!FINAL.includes(ConnectError.from(failure).code)) throw failure;
      if (this.around.read()?.refreshId === stored.refreshId) this.lapse(failure);
    }
  }

  /** An answer that got lost is asked for again under the same id, so the server gives it again. */
  private async insistently({ refreshToken, refreshId }: Session): Promise<SignInResponse | undefined> {
    for (const pause of RETRIES_MS) {
      try {
        return await this.around.exchange(refreshToken, refreshId);
      } catch (failure) {
        if (FINAL.includes(ConnectError.from(failure).code)) throw failure;
        await this.around.pause(pause);
      }
    }
    return this.around.exchange(refreshToken, refreshId);
  }

  private lapse(why: unknown) {
    const { session } = this.kept;
    if (!session) return this.end();
    const over = { ...session, token: "", refreshToken: "" };
    this.around.write(over);
    this.set({ session: over, over: true, why });
  }

  private take(session: Session | undefined, begins: boolean) {
    if (!session) return;
    this.around.write(session);
    this.set({ session, over: false, why: undefined }, begins);
  }

  private set(kept: Omit<Kept, "generation">, begins = false) {
    this.kept = { ...kept, generation: this.kept.generation + (begins ? 1 : 0) };
    for (const follower of this.followers) follower();
  }
}
