// Reads bar codes where the browser can not: fetched when somebody scans, and not before.
import BarcodeFormat from "@zxing/library/esm/core/BarcodeFormat";
import BinaryBitmap from "@zxing/library/esm/core/BinaryBitmap";
import HybridBinarizer from "@zxing/library/esm/core/common/HybridBinarizer";
import DecodeHintType from "@zxing/library/esm/core/DecodeHintType";
import MultiFormatReader from "@zxing/library/esm/core/MultiFormatReader";
import RGBLuminanceSource from "@zxing/library/esm/core/RGBLuminanceSource";
import type { Detector } from "./scanner";

const FORMATS = [BarcodeFormat.EAN_13, BarcodeFormat.EAN_8, BarcodeFormat.UPC_A, BarcodeFormat.ITF, BarcodeFormat.CODE_128, BarcodeFormat.QR_CODE];

/** How light each point is, of red, green, blue and alpha. */
export function lightOf(rgba: ArrayLike<number>): Uint8ClampedArray {
  const light = new Uint8ClampedArray(rgba.length / 4);
  for (let at = 0; at < light.length; at += 1) {
    const [red = 0, green = 0, blue = 0] = [rgba[4 * at], rgba[4 * at + 1], rgba[4 * at + 2]];
    light[at] = (red * 77 + green * 151 + blue * 28) >> 8;
  }
  return light;
}

/** The code in a picture; undefined where none is seen. */
export function codeIn(light: Uint8ClampedArray, width: number, height: number): string | undefined {
  const reader = new MultiFormatReader();
  reader.setHints(new Map([[DecodeHintType.POSSIBLE_FORMATS, FORMATS]]));
  try {
    return reader.decode(new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(light, width, height)))).getText();
  } catch {
    // It says by an error that there is none.
    return undefined;
  }
}

/** The same as what some browsers have of their own. */
export function reader(): Detector {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return {
    detect: async (video) => {
      const { videoWidth: width, videoHeight: height } = video;
      if (!pen || width === 0 || height === 0) return [];
      canvas.width = width;
      canvas.height = height;
      pen.drawImage(video, 0, 0, width, height);
      const rawValue = codeIn(lightOf(pen.getImageData(0, 0, width, height).data), width, height);
      return rawValue === undefined ? [] : [{ rawValue }];
    },
  };
}
