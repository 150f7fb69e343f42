// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package sarif

import "strings"

// Ecosystems are package URL types. Tools have words of their own for them.

// ecosystemOfWord returns the type that a tool's word means: Grype's and Syft's
// package types, Snyk's package managers, Trivy's result types. "" if unknown.
func ecosystemOfWord(word string) string { return ecosystemWords[strings.ToLower(word)] }

var ecosystemWords = map[string]string{
	// Distributions, as Trivy names them.
	"debian": "deb", "ubuntu": "deb", "deb": "deb", "dpkg": "deb", "echo": "deb",
	"alpine": "apk", "apk": "apk", "wolfi": "apk", "chainguard": "apk", "minimos": "apk",
	"redhat": "rpm", "centos": "rpm", "rocky": "rpm", "alma": "rpm", "oracle": "rpm", "amazon": "rpm", "fedora": "rpm",
	"opensuse": "rpm", "opensuse-leap": "rpm", "opensuse.leap": "rpm", "opensuse-tumbleweed": "rpm", "opensuse.tumbleweed": "rpm",
	"suse linux enterprise server": "rpm", "sles": "rpm", "slem": "rpm", "photon": "rpm", "cbl-mariner": "rpm",
	"azurelinux": "rpm", "mariner": "rpm", "rpm": "rpm", "bottlerocket": "bottlerocket", "arch": "alpm", "alpm": "alpm",
	// Languages.
	"gobinary": "golang", "gomod": "golang", "go-module": "golang", "gomodules": "golang", "golang": "golang", "go": "golang",
	"npm": "npm", "node-pkg": "npm", "yarn": "npm", "pnpm": "npm", "bun": "npm", "node": "npm",
	"python": "pypi", "python-pkg": "pypi", "pip": "pypi", "pipenv": "pypi", "poetry": "pypi", "uv": "pypi", "pylock": "pypi", "pypi": "pypi",
	"jar": "maven", "pom": "maven", "gradle": "maven", "gradle-lockfile": "maven", "sbt": "maven", "sbt-lockfile": "maven",
	"maven": "maven", "java-archive": "maven", "java": "maven",
	"gem": "gem", "gemspec": "gem", "bundler": "gem", "rubygems": "gem",
	"cargo": "cargo", "rustbinary": "cargo", "rust-crate": "cargo", "rust": "cargo",
	"composer": "composer", "composer-vendor": "composer", "php-composer": "composer", "packagist": "composer",
	"nuget": "nuget", "dotnet": "nuget", "dotnet-core": "nuget", "dotnet-deps": "nuget", "packages-props": "nuget",
	"hex": "hex", "mix": "hex", "pub": "pub", "dart-pub": "pub", "dart": "pub", "swift": "swift", "cocoapods": "cocoapods",
	"conan": "conan", "conda": "conda", "conda-pkg": "conda", "conda-environment": "conda", "julia": "julia",
	"github-action": "github", "github-action-workflow": "github", "kubernetes": "k8s", "bitnami": "bitnami",
	"hackage": "hackage", "cran": "cran", "r-package": "cran", "wordpress-plugin": "wordpress",
}

// ecosystemOfFile returns the type of the packages that a file of this name declares.
func ecosystemOfFile(path string) string {
	name := lastElement(path)
	if e, ok := ecosystemFiles[name]; ok {
		return e
	}
	switch {
	case strings.HasSuffix(name, ".jar"), strings.HasSuffix(name, ".war"), strings.HasSuffix(name, ".ear"), strings.HasSuffix(name, ".par"):
		return "maven"
	case strings.HasSuffix(name, ".deps.json"), strings.HasSuffix(name, ".csproj"):
		return "nuget"
	case strings.HasSuffix(name, ".gemspec"):
		return "gem"
	case strings.HasPrefix(name, "requirements") && strings.HasSuffix(name, ".txt"):
		return "pypi"
	}
	return ""
}

var ecosystemFiles = map[string]string{
	"go.mod": "golang", "go.sum": "golang",
	"package.json": "npm", "package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "yarn.lock": "npm", "pnpm-lock.yaml": "npm", "bun.lock": "npm",
	"Pipfile.lock": "pypi", "poetry.lock": "pypi", "uv.lock": "pypi", "pylock.toml": "pypi", "METADATA": "pypi", "PKG-INFO": "pypi", "pyproject.toml": "pypi", "setup.py": "pypi", "pdm.lock": "pypi",
	"pom.xml": "maven", "build.gradle": "maven", "gradle.lockfile": "maven", "build.sbt.lock": "maven", "build.sbt": "maven",
	"Gemfile": "gem", "Gemfile.lock": "gem", "Cargo.lock": "cargo", "composer.lock": "composer", "installed.json": "composer",
	"packages.lock.json": "nuget", "packages.config": "nuget", "Directory.Packages.props": "nuget", "Packages.props": "nuget",
	"mix.lock": "hex", "pubspec.lock": "pub", "Package.resolved": "swift", "Podfile.lock": "cocoapods", "conan.lock": "conan", "Manifest.toml": "julia",
}
