// Bar codes: some browsers can read them by themselves, for the others a reader is fetched.

export interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}

type DetectorClass = new () => Detector;

const detectorClass = () => (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

/** Whether there is something like a camera. */
export function canScan(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

async function detectorOf(): Promise<Detector> {
  const Class = detectorClass();
  return Class ? new Class() : (await import("./scan-reader")).reader();
}

const LOOK_MS = 200;

/** Looks through the camera until there is a code or somebody stops. */
export async function scan(video: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  const detector = await detectorOf();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const [code] = await detector.detect(video);
      if (code) return code.rawValue;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return undefined;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
