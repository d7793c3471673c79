import { z } from 'zod';
import type { Manifest } from '../../contract.ts';

/**
 * Manifest of a legacy Cost and Usage Report, `<report>-Manifest.json`. One lies in the folder of the billing period and
 * names the newest assembly; each assembly's folder has a copy.
 * Source: https://docs.aws.amazon.com/cur/latest/userguide/understanding-report-versions.html
 */
const legacySchema = z.object({
  assemblyId: z.string(),
  reportName: z.string().optional(),
  reportKeys: z.array(z.string()).min(1),
  billingPeriod: z.object({ start: z.string() }),
});

/**
 * Manifest of Data Exports (CUR 2.0, FOCUS), `metadata/BILLING_PERIOD=2025-03/[<delivery>/]<export>-Manifest.json`; the
 * folder of a delivery, `2025-04-02T10:15:30.000Z-<id>`, is there when each one is kept.
 * Source: https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
 */
const exportsSchema = z.object({ dataFiles: z.array(z.string()).min(1) });

const DELIVERY = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z?-/;

/**
 * Returns what a manifest of AWS says, or undefined when `document` is none. `path` (with '/') tells deliveries of one export
 * and billing period apart.
 */
export function readAwsManifest(document: unknown, path: string): Manifest | undefined {
  const legacy = legacySchema.safeParse(document);
  if (legacy.success) {
    const { reportName, billingPeriod, reportKeys, assemblyId } = legacy.data;
    const folders = path.split('/').slice(0, -1);
    // A copy within its assembly's folder says nothing on which assembly is the newest; the one above does.
    const isCopy = folders.at(-1) === assemblyId;
    const home = (isCopy ? folders.slice(0, -1) : folders).join('/');
    return {
      keys: reportKeys,
      series: `${home} ${reportName ?? ''} ${billingPeriod.start}`,
      delivered: isCopy ? '' : 'current',
      version: null,
    };
  }
  const exported = exportsSchema.safeParse(document);
  if (!exported.success) return undefined;
  const folders = path.split('/').slice(0, -1);
  const delivery = folders.at(-1) ?? '';
  const isDelivery = DELIVERY.test(delivery);
  const focus = /FOCUS_(\d)_(\d)/i.exec(JSON.stringify(document));
  return {
    keys: exported.data.dataFiles,
    series: (isDelivery ? folders.slice(0, -1) : folders).join('/'),
    delivered: isDelivery ? delivery : '',
    version: focus === null ? null : `${focus[1]}.${focus[2]}`,
  };
}
