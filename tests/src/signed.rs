//! A maker of modules, who signs releases.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use minisign::{KeyPair, PublicKey, SecretKeyBox, SignatureBox};
use rackflash_core::host::catalog::Offer;
use rackflash_core::host::image::Image;
use rackflash_release::maker;
use rackflash_release::manifest::{FORMAT, Manifest, Part};
use rackflash_release::trust::{Keys, UNTRUSTED_COMMENT};
use rackflash_release::{Known, MANIFEST_FILE, Release, ReleaseError, SIGNATURE_FILE};
use rackflash_sim::chip::APPLICATION_START;

/// Who has a key.
#[expect(missing_debug_implementations, reason = "it holds a secret key")]
pub struct Maker(pub KeyPair);

/// A release as it lies in its folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// `release.json`.
    pub manifest: Vec<u8>,
    /// `release.json.minisig`.
    pub signature: Vec<u8>,
    /// Its images, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Maker {
    /// With a new key.
    pub fn drawn() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().expect("a key"))
    }

    /// The example's, whom a page trusts that nobody built with another key.
    pub fn example() -> Self {
        let file = include_str!("../../release/example/current.key");
        let sk =
            SecretKeyBox::from_string(file).and_then(SecretKeyBox::into_unencrypted_secret_key);
        let sk = sk.expect("the example's key");
        Self(KeyPair { pk: PublicKey::from_secret_key(&sk).expect("its other half"), sk })
    }

    /// The key that is told to all.
    pub fn public(&self) -> String {
        self.0.pk.to_base64()
    }

    /// Trusted by whoever uses it.
    pub fn keys(&self) -> Keys {
        Keys::new([self.public().as_str()]).expect("a key")
    }

    /// As the program `minisign` does it.
    pub fn sign(&self, manifest: &[u8]) -> SignatureBox {
        let untrusted = UNTRUSTED_COMMENT.trim_start_matches("untrusted comment: ");
        let comment = Some("file:release.json");
        minisign::sign(Some(&self.0.pk), &self.0.sk, manifest, comment, Some(untrusted))
            .expect("a signature")
    }

    /// Release number `counter`, with these images.
    pub fn release(&self, counter: u32, images: &[&[u8]]) -> Folder {
        self.release_with(counter, images, |_| {})
    }

    /// And what else its maker writes into the manifest.
    pub fn release_with(
        &self,
        counter: u32,
        images: &[&[u8]],
        write: impl Fn(&mut Manifest),
    ) -> Folder {
        let mut manifest = Manifest {
            format: FORMAT.to_owned(),
            id: format!("r{counter}"),
            counter,
            channel: "stable".to_owned(),
            expires: None,
            notes: BTreeMap::new(),
            images: images.iter().map(|bytes| describe(bytes)).collect(),
        };
        write(&mut manifest);
        let files = manifest.images.iter().map(|part| part.file.clone());
        let files = files.zip(images.iter().map(|bytes| bytes.to_vec())).collect();
        let manifest = serde_json::to_vec(&manifest).expect("JSON");
        Folder { signature: self.sign(&manifest).to_string().into_bytes(), manifest, files }
    }
}

/// Named by its number: many may have one name.
fn describe(bytes: &[u8]) -> Part {
    let image = Image::from_binary(bytes, APPLICATION_START).expect("an image");
    let (part, _) = maker::describe(&image).expect("an image that says what it is for");
    Part { file: format!("{:x}-{}.bin", part.module_type, String::from(part.version)), ..part }
}

impl Folder {
    /// Writes it to a folder that is there.
    pub fn write(&self, into: &Path) {
        let pair = [(MANIFEST_FILE, &self.manifest), (SIGNATURE_FILE, &self.signature)];
        let images = self.files.iter().map(|(name, bytes)| (name.as_str(), bytes));
        for (name, bytes) in pair.into_iter().chain(images) {
            fs::write(into.join(name), bytes).expect("a file in a temporary folder");
        }
    }

    /// Its manifest, if it may be taken.
    pub fn open(&self, keys: &Keys, known: Known) -> Result<Release, ReleaseError> {
        Release::open(&self.manifest, &self.signature, keys, known)
    }

    /// All of it, as far as it may be taken.
    pub fn offers(&self, keys: &Keys, known: Known) -> Result<Vec<Offer>, ReleaseError> {
        self.open(keys, known)?.offers(|part| Ok(&self.files[&part.file]))
    }
}
