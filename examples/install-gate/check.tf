# At deploy time: the image of the machine is one that the release lists. An image that is
# looked up by name is whatever is newest, so its id is held against the pack's own list:
#
#   trustpack-show -json trust-pack.zip files     is not needed here; the list is in MANIFEST.json:
#   unzip -p trust-pack.zip MANIFEST.json | jq '[.artifacts[] | select(.kind == "ami") | .id]' > amis.json
#
# Verify the pack first (gate.sh). AWS Marketplace copies an image under another id in each
# region: the release must list the ids that the buyer sees.
variable "ami" {
  type        = string
  description = "The image that will be started."

  validation {
    condition     = contains(jsondecode(file("${path.module}/amis.json")), var.ami)
    error_message = "This image is none of those that the verified Trust Pack lists."
  }
}

output "ami" {
  value = var.ami
}
