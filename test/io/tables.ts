import { readFileSync } from 'node:fs';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';

export interface ReadTable {
  readonly rows: readonly Record<string, unknown>[];
  readonly types: Readonly<Record<string, string>>;
  readonly groupRows: readonly number[];
}

/** A Parquet file read back by another library than the one that wrote it. */
export async function readTable(path: string): Promise<ReadTable> {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(file);
  const leaves = metadata.schema.slice(1).map(({ name, type }) => [name, type ?? '']);
  return {
    rows: (await parquetReadObjects({ file })) as Record<string, unknown>[],
    types: Object.fromEntries(leaves) as Record<string, string>,
    groupRows: metadata.row_groups.map(({ num_rows }) => Number(num_rows)),
  };
}
