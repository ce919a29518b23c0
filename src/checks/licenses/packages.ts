import { z } from 'zod';

/** A dependency, and what it says of its licence. Null: it says nothing. */
export type Package = { readonly name: string; readonly version: string; readonly license: string | null };

/** What a package.json says: an SPDX expression, or the forms of before 2015. */
export function licenseOf(manifest: unknown): string | null {
  const parsed = z.object({ license: z.unknown(), licenses: z.unknown() }).partial().safeParse(manifest);
  if (!parsed.success) return null;
  const { license, licenses } = parsed.data;
  const one = (value: unknown): string | null => {
    if (typeof value === 'string') return value.trim() || null;
    const type = z.object({ type: z.string() }).safeParse(value);
    return type.success ? type.data.type : null;
  };
  const many = Array.isArray(licenses) ? licenses.map(one).filter((value) => value !== null) : [];
  return one(license) ?? (many.length > 0 ? `(${many.join(' OR ')})` : one(licenses));
}

const lockFile = z.object({
  lockfileVersion: z.number().min(2),
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      license: z.unknown().optional(),
      licenses: z.unknown().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/** A package of a lock file, and its folder: where the lock file has no licence, the package itself may. */
export type LockedPackage = Package & { readonly folder: string };

/** Packages of a package-lock.json of version 2 or 3; null: it is none. */
export function lockedPackages(data: unknown, withDev: boolean): readonly LockedPackage[] | null {
  const parsed = lockFile.safeParse(data);
  if (!parsed.success) return null;
  return Object.entries(parsed.data.packages).flatMap(([folder, one]) => {
    // Not below node_modules are the project itself and its workspaces.
    const name = one.name ?? folder.split('node_modules/').at(-1) ?? '';
    if (!folder.includes('node_modules/') || one.link || (one.dev && !withDev)) return [];
    return [{ name, version: one.version ?? '', license: licenseOf(one), folder }];
  });
}

const cycloneLicense = z.union([
  z.object({ expression: z.string() }).transform(({ expression }) => expression),
  z
    .object({ license: z.object({ id: z.string().optional(), name: z.string().optional() }) })
    .transform(({ license }) => license.id ?? license.name ?? ''),
]);
const cyclone = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z
    .array(
      z.object({
        name: z.string(),
        group: z.string().optional(),
        version: z.string().default(''),
        type: z.string().optional(),
        licenses: z.array(cycloneLicense).catch([]),
      }),
    )
    .default([]),
});

const spdx = z.object({
  spdxVersion: z.string(),
  documentDescribes: z.array(z.string()).default([]),
  relationships: z
    .array(z.object({ spdxElementId: z.string(), relatedSpdxElement: z.string(), relationshipType: z.string() }))
    .default([]),
  packages: z
    .array(
      z.object({
        SPDXID: z.string(),
        name: z.string(),
        versionInfo: z.string().default(''),
        licenseConcluded: z.string().optional(),
        licenseDeclared: z.string().optional(),
      }),
    )
    .default([]),
});

const pip = z.array(z.object({ Name: z.string(), Version: z.string().default(''), License: z.string() }));

/** Packages of a report: an SBOM in JSON (CycloneDX, SPDX 2), or what pip-licenses writes; null: it is none of them. */
export function reportedPackages(data: unknown): readonly Package[] | null {
  const asCyclone = cyclone.safeParse(data);
  if (asCyclone.success)
    return asCyclone.data.components
      .filter(({ type }) => type !== 'file' && type !== 'operating-system')
      .map(({ name, group, version, licenses }) => ({
        name: group ? `${group}/${name}` : name,
        version,
        license: joined(licenses),
      }));
  const asSpdx = spdx.safeParse(data);
  if (asSpdx.success) {
    const { packages, documentDescribes, relationships } = asSpdx.data;
    const described = new Set([
      ...documentDescribes,
      ...relationships.filter((one) => one.relationshipType === 'DESCRIBES').map((one) => one.relatedSpdxElement),
    ]);
    return packages
      .filter(({ SPDXID }) => !described.has(SPDXID))
      .map(({ name, versionInfo, licenseConcluded, licenseDeclared }) => ({
        name,
        version: versionInfo,
        license: [licenseConcluded, licenseDeclared].find((one) => one && !/^(NOASSERTION|NONE)$/.test(one)) ?? null,
      }));
  }
  const asPip = pip.safeParse(data);
  if (!asPip.success) return null;
  return asPip.data.map(({ Name, Version, License }) => ({
    name: Name,
    version: Version,
    license: /^unknown$/i.test(License.trim()) ? null : joined(License.split(';')),
  }));
}

/** Licences side by side, of which nobody says that one is enough. */
function joined(licenses: readonly string[]): string | null {
  const named = [...new Set(licenses.map((one) => one.trim()).filter((one) => one !== ''))];
  if (named.length === 0) return null;
  const expressions = named.map((one) => pythonNames[one.toLowerCase()] ?? one);
  return expressions.length === 1 ? (expressions[0] ?? null) : expressions.map((one) => `(${one})`).join(' AND ');
}

/** What packages of Python call their licence, where that means one. */
const pythonNames: Readonly<Record<string, string>> = {
  'mit license': 'MIT',
  'apache software license': 'Apache-2.0',
  'apache license 2.0': 'Apache-2.0',
  'apache 2.0': 'Apache-2.0',
  'apache license, version 2.0': 'Apache-2.0',
  'bsd license': 'BSD-3-Clause',
  bsd: 'BSD-3-Clause',
  '3-clause bsd license': 'BSD-3-Clause',
  'bsd 3-clause': 'BSD-3-Clause',
  'isc license (iscl)': 'ISC',
  'isc license': 'ISC',
  'mozilla public license 2.0 (mpl 2.0)': 'MPL-2.0',
  'python software foundation license': 'PSF-2.0',
  'the unlicense (unlicense)': 'Unlicense',
  'gnu general public license v2 (gplv2)': 'GPL-2.0-only',
  'gnu general public license v3 (gplv3)': 'GPL-3.0-only',
  'gnu lesser general public license v3 (lgplv3)': 'LGPL-3.0-only',
  'gnu affero general public license v3': 'AGPL-3.0-only',
};
