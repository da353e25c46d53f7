import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../api/clients";
import { FileService } from "../gen/qudao/collab/v1/file_service_pb";
import { personKey, useUser } from "../session/session";
import { Transfer, type Progress, type Purpose, type Stored } from "./transfer";
import { useWire } from "./wire";

export interface OnTheWay extends Progress {
  key: string;
  name: string;
  size: number;
}

/** Files on their way from this page, and what can be done with them. */
export function useTransfers(about: Purpose, onStored: (stored: Stored) => void) {
  const files = useClient(FileService);
  const wire = useWire();
  const person = personKey(useUser());
  const [all, setAll] = useState<OnTheWay[]>([]);
  const transfers = useRef(new Map<string, Transfer>());
  const stored = useRef(onStored);
  stored.current = onStored;

  const change = (key: string, progress: Progress) =>
    setAll((before) => before.map((one) => (one.key === key ? { ...one, ...progress } : one)));
  const drop = useCallback((key: string) => {
    transfers.current.delete(key);
    setAll((before) => before.filter((one) => one.key !== key));
  }, []);

  const add = (file: File) => {
    const key = crypto.randomUUID();
    const transfer = new Transfer(file, about, {
      wire,
      files,
      person,
      onProgress: (progress) => change(key, progress),
      onStored: (answer) => {
        drop(key);
        stored.current(answer);
      },
    });
    transfers.current.set(key, transfer);
    setAll((before) => [...before, { key, name: file.name, size: file.size, stage: "sending", sent: 0, error: undefined }]);
    void transfer.start();
  };

  useEffect(() => {
    const waiting = transfers.current;
    const goOn = () => waiting.forEach((transfer) => transfer.resume());
    window.addEventListener("online", goOn);
    return () => {
      window.removeEventListener("online", goOn);
      // What is not through waits on the server for whoever comes back to this page.
      waiting.forEach((transfer) => void transfer.pause());
    };
  }, []);

  return {
    all,
    add,
    pause: (key: string) => void transfers.current.get(key)?.pause(),
    resume: (key: string) => transfers.current.get(key)?.resume(),
    cancel: (key: string) => {
      void transfers.current.get(key)?.cancel();
      drop(key);
    },
  };
}

export type Transfers = ReturnType<typeof useTransfers>;
