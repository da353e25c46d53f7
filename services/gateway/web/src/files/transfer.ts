// One file on its way: its bytes by tus, piece by piece, going on where a connection broke off,
// also after the page was opened anew; then the rpc that makes a file of them.
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { DetailedError, Upload, type HttpRequest, type PreviousUpload } from "tus-js-client";
import { nextTraceparent } from "../api/trace";
import type { Wire } from "../api/transport";
import type { FileService } from "../gen/qudao/collab/v1/file_service_pb";
import { failureOf } from "./wire";

export interface Purpose {
  purpose: "attachment" | "logo" | "product-picture";
  object?: { kind: "order" | "product" | "dealer"; id: string };
  /** The dealer whose people are to see it, besides the brand's. */
  dealerId?: string;
}

export type Stage = "sending" | "waiting" | "checking" | "failed" | "done";

export interface Progress {
  stage: Stage;
  sent: number;
  error: unknown;
}

export interface Stored {
  fileId: string;
  position: bigint;
}

interface Around {
  wire: Wire;
  files: Client<typeof FileService>;
  /** Whose uploads these are: nobody goes on with another's. */
  person: string;
  onProgress: (progress: Progress) => void;
  onStored: (stored: Stored) => void;
}

const PIECE_BYTES = 1 << 20;
/** Pauses before a piece is tried again; after the last one the person is asked. */
const PAUSES_MS = [0, 1_000, 3_000, 5_000, 10_000];

/** What `Upload-Metadata` says. */
export function metadataOf(name: string, { purpose, object, dealerId }: Purpose): Record<string, string> {
  return {
    filename: name,
    purpose,
    ...(object ? { "object-kind": object.kind, "object-id": object.id } : {}),
    ...(dealerId ? { "dealer-id": dealerId } : {}),
  };
}

/** By what an upload is known again: the same file, by the same person, for the same thing. */
export function fingerprintOf(file: File, person: string, { purpose, object, dealerId }: Purpose): string {
  const about = [person, purpose, object?.kind, object?.id, dealerId];
  return ["qudao-upload", ...about, file.name, file.size, file.lastModified].join("|");
}

/** What a failed request says: a refusal, or that nobody answers. */
export function refusalOf(error: Error): ConnectError {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return new ConnectError("no answer", Code.Unavailable);
  return failureOf(response.getBody(), response.getStatus());
}

/** Whether another try may help: nobody answered, or somebody was in the way. */
export function mayRetry(status: number | undefined): boolean {
  return status === undefined || status === 0 || status === 401 || status === 409 || status === 423 || status === 429 || status >= 500;
}

export class Transfer {
  private readonly upload: Upload;
  private readonly requestId = crypto.randomUUID();
  private token: string | undefined;
  private over = false;
  private progress: Progress = { stage: "sending", sent: 0, error: undefined };

  constructor(
    private readonly file: File,
    about: Purpose,
    private readonly around: Around,
  ) {
    this.upload = new Upload(file, {
      endpoint: "/files",
      chunkSize: PIECE_BYTES,
      retryDelays: PAUSES_MS,
      metadata: metadataOf(file.name, about),
      fingerprint: async () => fingerprintOf(file, around.person, about),
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => this.sign(request),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus();
        // The next request waits for the new token.
        if (status === 401 && this.token) void around.wire.renew(this.token).catch(() => undefined);
        return mayRetry(status);
      },
      onProgress: (sent) => this.tell({ stage: "sending", sent }),
      onError: (error) => this.broken(error),
      onSuccess: () => void this.finish(),
    });
  }

  /** Begins, or goes on where an earlier try ended. */
  async start(): Promise<void> {
    const before = await this.upload.findPreviousUploads().catch((): PreviousUpload[] => []);
    const [last] = before.sort((a, b) => b.creationTime.localeCompare(a.creationTime));
    if (last) this.upload.resumeFromPreviousUpload(last);
    if (!this.over) this.upload.start();
  }

  /** Holds on; nothing is lost. */
  async pause(): Promise<void> {
    this.tell({ stage: "waiting" });
    await this.upload.abort();
  }

  resume(): void {
    if (this.progress.stage !== "waiting") return;
    this.tell({ stage: "sending", error: undefined });
    if (this.progress.sent >= this.file.size && this.uploadId()) void this.finish();
    else this.upload.start();
  }

  /** Gives it up, here and on the server. */
  async cancel(): Promise<void> {
    this.over = true;
    await this.upload.abort(true).catch(() => undefined);
  }

  private async sign(request: HttpRequest): Promise<void> {
    this.token = await this.around.wire.token();
    if (this.token) request.setHeader("authorization", `Bearer ${this.token}`);
    request.setHeader("traceparent", nextTraceparent().traceparent);
  }

  private broken(error: Error): void {
    const refusal = refusalOf(error);
    // Without an answer it waits, for the network or for the person.
    const waits = [Code.Unavailable, Code.DeadlineExceeded].includes(refusal.code);
    this.tell({ stage: waits ? "waiting" : "failed", error: refusal });
    if (!waits) void this.cancel();
  }

  private uploadId(): string {
    return this.upload.url?.split("/").pop() ?? "";
  }

  private async finish(): Promise<void> {
    this.tell({ stage: "checking", sent: this.file.size });
    try {
      const { receipt } = await this.around.files.finishUpload({ requestId: this.requestId, uploadId: this.uploadId() });
      this.tell({ stage: "done" });
      this.around.onStored({ fileId: receipt?.objectId ?? "", position: receipt?.position ?? 0n });
    } catch (error) {
      const waits = ConnectError.from(error).code === Code.Unavailable;
      this.tell({ stage: waits ? "waiting" : "failed", error });
      if (!waits) void this.cancel();
    }
  }

  private tell(change: Partial<Progress>): void {
    if (this.over) return;
    this.progress = { ...this.progress, ...change };
    this.around.onProgress(this.progress);
  }
}
