# In the build of the machine's image: the files are brought in, and the image is sealed only
# if the gate accepts them. The manifest gives the id of the image for the "artifacts" of the
# next release.json.
variable "trust_pack" {
  type        = string
  description = "The pack of the release; its signed statement lies beside it."
}

source "amazon-ebs" "hailbytes" {
  ami_name      = "hailbytes-asm"
  instance_type = "t3.medium"
  ssh_username  = "admin"
  source_ami    = "ami-0123456789abcdef0"
}

build {
  sources = ["source.amazon-ebs.hailbytes"]

  provisioner "file" {
    source      = var.trust_pack
    destination = "/opt/hailbytes/trust-pack.zip"
  }

  provisioner "file" {
    source      = "${var.trust_pack}.sigstore.json"
    destination = "/opt/hailbytes/trust-pack.zip.sigstore.json"
  }

  provisioner "file" {
    sources     = ["policy.yaml", "trusted_root.json", "docker-compose.yml"]
    destination = "/opt/hailbytes/"
  }

  provisioner "shell" {
    inline = ["/opt/hailbytes/bin/gate.sh /opt/hailbytes"]
  }

  post-processor "manifest" {
    output = "packer-manifest.json"
  }
}
