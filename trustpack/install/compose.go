// Copyright The evidence Authors
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/HailBytes/evidence"
	"github.com/HailBytes/evidence/internal/textfmt"
)

// ComposeOptions say how the deployment will be started.
type ComposeOptions struct {
	// Environment is what variables are filled in from: that of the process, and of the
	// env files, that will run docker compose. See [Environment].
	Environment map[string]string

	Stdin io.Reader // of the file "-"
}

// Compose holds the effective model of compose files, as docker compose merges them, against
// the release: every image of every profile. Files are in the order of docker compose -f.
// "docker compose config" in a file, YAML or JSON, is a compose file, too.
//
// The checks are gate.compose, gate.image, gate.build, gate.provider and gate.watch. An
// error means that a file could not be read.
func (g *Gate) Compose(ctx context.Context, files []string, o *ComposeOptions) (evidence.Checks, error) {
	if o == nil {
		o = &ComposeOptions{}
	}
	subject := strings.Join(files, " ")
	details, err := readFiles(files, o)
	if err != nil {
		return refusedFile(subject, err)
	}
	l := loading{blank: map[string]string{}}
	project, err := l.load(ctx, *details)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		text := err.Error()
		if name := l.blank[""]; name != "" {
			return evidence.Checks{fail("gate.compose", subject, CodeVariable, "variable %s has no value: %s", textfmt.Quote(name), textfmt.Clip(text, 300))}, nil
		}
		return evidence.Checks{fail("gate.compose", subject, CodeCompose, "%s", textfmt.Clip(textfmt.Printable(text), 400))}, nil
	}
	m := model{g: g, blank: l.blank}
	m.project(project)
	if len(m.checks) == 0 {
		return evidence.Checks{fail("gate.compose", subject, CodeEmpty, "the files name no image")}, nil
	}
	head := pass("gate.compose", subject, "%s, %s of all profiles", textfmt.Count(len(project.Services), "service"), textfmt.Count(len(project.Jobs), "job"))
	return append(evidence.Checks{head}, m.checks...), nil
}

// refusedFile tells a verdict on the files from a failure to read them.
func refusedFile(subject string, err error) (evidence.Checks, error) {
	if !evidence.IsVerdict(err) {
		return nil, err
	}
	p := &evidence.Problem{}
	if one, ok := err.(*evidence.Problem); ok {
		p = one
	} else {
		p = &evidence.Problem{Code: CodeCompose, Severity: evidence.SeverityError, Message: err.Error(), Err: err}
	}
	return evidence.Checks{evidence.Judge("gate.compose", subject, evidence.Problems{p}, "")}, nil
}

// loading is one run of compose-go.
type loading struct {
	// blank has the texts that came out of a substitution in which a variable without value
	// and default was left blank, each with the name of such a variable.
	blank map[string]string
}

func (l *loading) load(ctx context.Context, details types.ConfigDetails) (p *types.Project, err error) {
	defer func() { // a file may hold what compose-go does not expect
		if v := recover(); v != nil {
			err = fmt.Errorf("compose-go cannot read this: %v", v)
		}
	}()
	return loader.LoadWithContext(ctx, details, func(o *loader.Options) {
		o.SetProjectName("gate", true)
		o.Profiles = []string{"*"}
		o.SkipResolveEnvironment, o.SkipResolveLabels = true, true // nothing is asked of them, and they are files
		o.Interpolate.Substitute = l.substitute
	})
}

// Bounds within which the variables of a text are looked at one by one. No image reference
// is longer, or has more.
const (
	longestTemplate = 2048
	mostVariables   = 16
)

// deepest is how deep variables may stand in the defaults of others. Each level costs
// compose-go a pass over the text.
const deepest = 50

var errTooDeep = fmt.Errorf("variables stand in the defaults of others more than %d deep", deepest)

func tooDeep(text string) bool {
	depth := 0
	for i := range len(text) {
		switch {
		case text[i] == '{' && i > 0 && text[i-1] == '$':
			depth++
		case text[i] == '}' && depth > 0:
			depth--
		}
		if depth > deepest {
			return true
		}
	}
	return false
}

// substitute fills in variables as docker compose does, and notes where one was left blank.
func (l *loading) substitute(text string, value template.Mapping) (string, error) {
	if tooDeep(text) {
		return "", errTooDeep
	}
	missing := map[string]bool{}
	out, err := template.SubstituteWithOptions(text, func(name string) (string, bool) {
		v, ok := value(name)
		if !ok {
			missing[name] = true
		}
		return v, ok
	}, template.WithoutLogging)
	if err != nil || len(missing) == 0 {
		return out, err
	}
	if len(text) > longestTemplate || len(missing) > mostVariables {
		for name := range missing {
			l.blank[out] = name
		}
		return out, nil
	}
	const marker = "\uE000"
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		// Left blank is the variable whose value, if it had one, would only be added.
		with, err := template.SubstituteWithOptions(text, func(n string) (string, bool) {
			if n == name {
				return marker, true
			}
			return value(n)
		}, template.WithoutLogging)
		if err == nil && strings.Contains(with, marker) && strings.ReplaceAll(with, marker, "") == out {
			l.blank[out] = name
			break
		}
	}
	return out, nil
}

// model makes the checks of one effective model.
type model struct {
	g      *Gate
	blank  map[string]string
	checks evidence.Checks
}

func (m *model) add(c evidence.Check) { m.checks = append(m.checks, c) }

func (m *model) project(p *types.Project) {
	services := maps.Clone(p.Services)
	maps.Copy(services, p.DisabledServices)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s := services[name]
		m.service(name, &s)
	}
	jobs := maps.Clone(p.Jobs)
	maps.Copy(jobs, p.DisabledJobs)
	for _, name := range slices.Sorted(maps.Keys(jobs)) {
		j := jobs[name]
		m.workload("jobs", name, &j.ContainerSpec, j.Build)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Models)) {
		m.reference("models."+name+".model", p.Models[name].Model)
	}
}

func (m *model) service(name string, s *types.ServiceConfig) {
	if s.Provider != nil {
		m.allowed("gate.provider", "services."+name, CodeProvider, name, m.g.rules.UnsafeProvider,
			"the external program "+textfmt.Quote(s.Provider.Type)+" provides it: what is started is not known")
	}
	if s.Provider == nil || s.Image != "" || s.Build != nil {
		m.workload("services", name, &s.ContainerSpec, s.Build)
	}
	for i := range s.PreStart {
		hook := &s.PreStart[i]
		if at := fmt.Sprintf("services.%s.pre_start[%d]", name, i); hook.Image == s.Image {
			m.volumes(at, &hook.ContainerSpec)
		} else {
			m.reference(at+".image", hook.Image)
			m.volumes(at, &hook.ContainerSpec)
		}
	}
	if s.Develop != nil && len(s.Develop.Watch) > 0 {
		m.allowed("gate.watch", "services."+name, CodeWatch, name, m.g.rules.UnsafeWatch, "develop.watch replaces its files while it runs")
	}
}

// workload judges what a service or job is started from.
func (m *model) workload(section, name string, c *types.ContainerSpec, build *types.BuildConfig) {
	at := section + "." + name
	built := build != nil || c.PullPolicy == types.PullPolicyBuild
	if built {
		m.allowed("gate.build", at, CodeBuild, name, m.g.rules.UnsafeBuild, "its image is built where it is deployed: what is in it is not known")
	}
	if build != nil {
		for _, key := range slices.Sorted(maps.Keys(build.AdditionalContexts)) {
			if image, ok := strings.CutPrefix(build.AdditionalContexts[key], "docker-image://"); ok {
				m.reference(at+".build.additional_contexts."+key, image)
			}
		}
	}
	if why := m.blank[c.Image]; why != "" && c.Image != "" {
		m.variable(at+".image", why)
	} else if c.Image != "" && !(built && slices.Contains(m.g.rules.UnsafeBuild, name)) {
		m.add(m.g.image(section, name, c.Image))
	}
	m.volumes(at, c)
}

func (m *model) volumes(at string, c *types.ContainerSpec) {
	for i, v := range c.Volumes {
		if v.Type == types.VolumeTypeImage {
			m.reference(fmt.Sprintf("%s.volumes[%d].source", at, i), v.Source)
		}
	}
}

func (m *model) reference(at, text string) {
	if why := m.blank[text]; why != "" {
		m.variable(at, why)
		return
	}
	m.add(m.g.reference(at, text))
}

func (m *model) variable(at, name string) {
	m.add(fail("gate.image", at, CodeVariable, "variable %s has no value", textfmt.Quote(name)))
}

// allowed adds the check of what only the policy can allow.
func (m *model) allowed(id, at, code, name string, list []string, what string) {
	if slices.Contains(list, name) {
		m.add(evidence.Check{ID: id, Subject: at, Status: evidence.StatusWarn, Message: "the policy allows it: " + what})
		return
	}
	m.add(fail(id, at, code, "%s", what))
}

// workingDir returns the folder that compose takes for that of the project.
func workingDir(files []string) (string, error) {
	for _, f := range files {
		if f != stdin {
			return filepath.Abs(filepath.Dir(f))
		}
	}
	return filepath.Abs(".")
}
