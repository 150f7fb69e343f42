// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

// Package sbomsample holds small SBOMs in which nothing is wrong, for tests to change.
package sbomsample

// SPDX is a document of SPDX 2.3.
const SPDX = `{
 "spdxVersion": "SPDX-2.3",
 "SPDXID": "SPDXRef-DOCUMENT",
 "dataLicense": "CC0-1.0",
 "name": "shop",
 "documentNamespace": "https://example.com/shop-1",
 "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Organization: Example", "Tool: maker-1.0"], "licenseListVersion": "3.25"},
 "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-x", "extractedText": "do as you like"}],
 "externalDocumentRefs": [{"externalDocumentId": "DocumentRef-d", "spdxDocument": "https://example.com/d", "checksum": {"algorithm": "SHA1", "checksumValue": "1111111111111111111111111111111111111111"}}],
 "packages": [
  {"SPDXID": "SPDXRef-shop", "name": "shop", "versionInfo": "1.0", "downloadLocation": "NONE", "filesAnalyzed": false, "supplier": "Organization: Example"},
  {"SPDXID": "SPDXRef-zlib", "name": "zlib1g", "versionInfo": "1:1.2.13", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,
   "licenseDeclared": "Zlib AND LicenseRef-x", "licenseConcluded": "DocumentRef-d:LicenseRef-y",
   "checksums": [{"algorithm": "SHA256", "checksumValue": "2222222222222222222222222222222222222222222222222222222222222222"}],
   "externalRefs": [
    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*"},
    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/zlib1g@1.2.13?arch=amd64&epoch=1"}
   ]}
 ],
 "files": [{"SPDXID": "SPDXRef-f", "fileName": "./a", "checksums": [{"algorithm": "SHA1", "checksumValue": "3333333333333333333333333333333333333333"}], "licenseConcluded": "MIT", "licenseInfoInFiles": ["NOASSERTION"]}],
 "snippets": [{"SPDXID": "SPDXRef-s", "name": "part", "snippetFromFile": "SPDXRef-f", "ranges": [{"startPointer": {"offset": 1, "reference": "SPDXRef-f"}, "endPointer": {"offset": 9, "reference": "SPDXRef-f"}}]}],
 "relationships": [
  {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-shop"},
  {"spdxElementId": "SPDXRef-shop", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-zlib"},
  {"spdxElementId": "SPDXRef-shop", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-zlib"}
 ]
}`

// CycloneDX is a document of CycloneDX 1.6.
const CycloneDX = `{
 "bomFormat": "CycloneDX",
 "specVersion": "1.6",
 "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
 "version": 1,
 "metadata": {"timestamp": "2026-01-02T03:04:05Z", "component": {"bom-ref": "root", "type": "application", "name": "shop", "version": "1.0"}},
 "components": [
  {"bom-ref": "core", "type": "library", "group": "@angular", "name": "core", "version": "16.0.0", "purl": "pkg:npm/%40angular/core@16.0.0",
   "cpe": "cpe:2.3:a:angular:core:16.0.0:*:*:*:*:*:*:*",
   "hashes": [{"alg": "SHA-256", "content": "2222222222222222222222222222222222222222222222222222222222222222"}],
   "licenses": [{"expression": "MIT OR LicenseRef-other"}],
   "externalReferences": [{"type": "website", "url": "https://example.com", "hashes": [{"alg": "SHA-1", "content": "3333333333333333333333333333333333333333"}]}]},
  {"bom-ref": "zlib", "type": "library", "name": "zlib", "licenses": [{"license": {"id": "Zlib"}}]}
 ],
 "dependencies": [{"ref": "root", "dependsOn": ["core", "zlib"]}, {"ref": "core", "dependsOn": []}],
 "compositions": [{"bom-ref": "c1", "aggregate": "complete", "dependencies": ["core"]}],
 "vulnerabilities": [{"bom-ref": "v1", "id": "CVE-2026-1", "affects": [{"ref": "core"}, {"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#x"}]}],
 "annotations": [{"subjects": ["core", "v1"], "annotator": {"individual": {"name": "A"}}, "timestamp": "2026-01-02T03:04:05Z", "text": "t"}]
}`
