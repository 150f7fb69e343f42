# include release.mk: a Go program and an image that say which release they are.
# $(LDFLAGS) goes to go build -ldflags, $(LABELS) to docker buildx build.
RELEASE := release-version -json .
VERSION := $(shell $(RELEASE) | jq -r .version)
LDFLAGS := $(shell $(RELEASE) | jq -r .ldflags)
LABELS  := $(shell $(RELEASE) | jq -r '.labels | to_entries[] | "--label \(.key)=\(.value)"')

app:
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o $@ .

image: app
	docker buildx build $(LABELS) --tag "app:$(VERSION)" .
