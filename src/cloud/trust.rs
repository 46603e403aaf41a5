//! The certificates by which servers are trusted: those of the machine, or those of a bundle, as of a company's proxy.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The certificates by which servers are trusted.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust(TlsContext);

impl Trust {
    /// Trusts the certificates of a bundle and no others, as the AWS CLI does. Returns nothing if it holds no certificate.
    pub fn of_bundle(pem: &[u8]) -> Option<Trust> {
        let mut roots = RootCertStore::empty();
        let mut store = TrustStore::empty();
        // The client panics at a certificate that it cannot read, so those are left out.
        let readable = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
        for certificate in readable.filter(|certificate| roots.add(certificate.clone()).is_ok()) {
            let text = STANDARD.encode(&certificate);
            store.add_pem_certificate(format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"));
        }
        if roots.is_empty() {
            return None;
        }
        TlsContext::builder().with_trust_store(store).build().ok().map(Trust)
    }

    /// Returns the context of TLS connections.
    pub fn context(&self) -> TlsContext {
        self.0.clone()
    }
}
