// Writes a .br and a .gz beside every file of the site that gets smaller by it. Node's zlib does both, which saves the
// project two compressors among its dependencies.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const COMPRESSED_ALREADY = /\.(?:png|jpe?g|webp|avif|woff2|br|gz)$/;

const [site] = process.argv.slice(2);
for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || COMPRESSED_ALREADY.test(entry.name)) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const plain = readFileSync(path);
  const brotli = brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
  const gzip = gzipSync(plain, { level: 9 });
  if (brotli.length < plain.length) writeFileSync(`${path}.br`, brotli);
  if (gzip.length < plain.length) writeFileSync(`${path}.gz`, gzip);
  console.log(`${path.slice(site.length + 1)}: ${plain.length} bytes, gzip ${gzip.length}, brotli ${brotli.length}`);
}
