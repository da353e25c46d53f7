// A token of the installation's operator, as the command line makes them: whoever holds the key
// that the server signs tokens with is the operator. Prints one when it is run by itself.
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, env, exit } from "node:process";
import { fileURLToPath } from "node:url";

const MINUTES = 15;

// The server's file also holds the public half, a form that OpenSSL 3.0 does not read: what is
// needed of it is the seed, behind the bytes that begin a private key of 32 bytes.
const SEED = Buffer.from("04220420", "hex");
const PLAIN = Buffer.from("302e020100300506032b6570", "hex");

function keyOf(file) {
  const der = Buffer.from(readFileSync(file, "utf8").replace(/-----[^-]+-----|\s/g, ""), "base64");
  const at = der.indexOf(SEED);
  if (at < 0) throw new Error(`${file} holds no Ed25519 key in PKCS#8 PEM form`);
  const plain = Buffer.concat([PLAIN, der.subarray(at, at + SEED.length + 32)]);
  return createPrivateKey({ key: plain, format: "der", type: "pkcs8" });
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function operatorToken(keyFile) {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, nbf: now, exp: now + MINUTES * 60 };
  const operator = { sub: "operator", name: "operator", tenant: "", roles: ["ROLE_OPERATOR"], time_zone: "UTC" };
  const head = part({ alg: "EdDSA", typ: "JWT" });
  const text = `${head}.${part({ ...operator, iss: "qudao", aud: "qudao", ...times })}`;
  const signature = sign(null, Buffer.from(text), keyOf(keyFile));
  return `${text}.${signature.toString("base64url")}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const keyFile = env.QUDAO_SIGNING_KEY;
  if (!keyFile) {
    console.error("set QUDAO_SIGNING_KEY to the file of the key that the server signs tokens with");
    exit(2);
  }
  console.log(operatorToken(keyFile));
}
