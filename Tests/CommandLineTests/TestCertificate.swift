/// Certificates of two authorities for `localhost` and `127.0.0.1`, good from 2020 to 2120, and their keys: for tests only.
struct TestCertificate: Sendable {
    /// The authority's certificate.
    let authority: String
    /// The certificate that it signed.
    let certificate: String
    /// The key to that.
    let key: String

    static let first = TestCertificate(
        authority: """
            -----BEGIN CERTIFICATE-----
            MIIBaTCCAQ+gAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBUZXN0IGF1
            dGhvcml0eSAxMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
            FwYDVQQDDBBUZXN0IGF1dGhvcml0eSAxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
            QgAEm34JSvpwka4lK8OluwikRJWEb65CmKRq68TE/WqKDz1FjgcC/aaNBRonbhNq
            wWLEu5AbW+hJ70JYQrKCzm+ww6NCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8B
            Af8EBAMCAoQwHQYDVR0OBBYEFMBdGGSMpbYq43i2Cljj4ZicAi53MAoGCCqGSM49
            BAMCA0gAMEUCIQDOgS+IgG4WgifLowoL/ByLUJ4vGnsCbeucdAEdCCom4AIgYAwf
            MrEIgRqwanoW4Rx94ZxNGZjgEjc409ubWFlKSDU=
            -----END CERTIFICATE-----
            """,
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnjCCAUSgAwIBAgIBAjAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBUZXN0IGF1
            dGhvcml0eSAxMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAUMRIw
            EAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQbpQMq
            iG2CRykWmAw7XX17oXA5W0JrY05B+Dvg40iwsrkuzuvBY7WpGtOx5zOOxKealK9S
            nLmGvWggtDi7v8AEo34wfDAJBgNVHRMEAjAAMBoGA1UdEQQTMBGCCWxvY2FsaG9z
            dIcEfwAAATATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUlEniiEJlY/6D
            nY0kPRxKG4o+g+QwHwYDVR0jBBgwFoAUwF0YZIyltirjeLYKWOPhmJwCLncwCgYI
            KoZIzj0EAwIDSAAwRQIgf0IgAf6kdUbv0h8t3jQqnRsGgI73ycaUUzuK9eJJpx4C
            IQDpG2mAOUCqh5RtK0zZcP0Wt8wMs7avkl2B1xJ4xJaPeA==
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAJkIywLDt7hs6ims
            olTOzQ2UQA5hnL37lyNu0+SDA1mhRANCAAQbpQMqiG2CRykWmAw7XX17oXA5W0Jr
            Y05B+Dvg40iwsrkuzuvBY7WpGtOx5zOOxKealK9SnLmGvWggtDi7v8AE
            -----END PRIVATE KEY-----
            """
    )
    static let second = TestCertificate(
        authority: """
            -----BEGIN CERTIFICATE-----
            MIIBajCCAQ+gAwIBAgIBAzAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBUZXN0IGF1
            dGhvcml0eSAyMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
            FwYDVQQDDBBUZXN0IGF1dGhvcml0eSAyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
            QgAEmGLyhnJy40pSiHlR8Djqy72+00UmOPltEtVN40Arl/eusqLIQsak/WwwzATB
            QgVKtRrQjJUUeK8zMifb/AvrmaNCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8B
            Af8EBAMCAoQwHQYDVR0OBBYEFKk5V9wsmaJYxd6JAf3tc7CqyDLGMAoGCCqGSM49
            BAMCA0kAMEYCIQDE+Szd3pgz1qdDne/Ejc84xnyJGw4QZlrTGiMwgnEHkAIhAMmn
            jJ66QlYgY9o05QYSORrSsIIApWbbmxkFShmDX5aI
            -----END CERTIFICATE-----
            """,
        certificate: """
            -----BEGIN CERTIFICATE-----
            MIIBnjCCAUSgAwIBAgIBBDAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBUZXN0IGF1
            dGhvcml0eSAyMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAUMRIw
            EAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATb0VVX
            akyoAQk70piGo8EBAeW0TJ0dLyV6KmqiBOksumK4PARphFyMgWkfB65L3iY/w8XC
            SFoVm75TrXf8NRCio34wfDAJBgNVHRMEAjAAMBoGA1UdEQQTMBGCCWxvY2FsaG9z
            dIcEfwAAATATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUidy9ZKf2gOIa
            iTvlgHRsjB46su8wHwYDVR0jBBgwFoAUqTlX3CyZoljF3okB/e1zsKrIMsYwCgYI
            KoZIzj0EAwIDSAAwRQIgcz9E5Gd7fv9xuUUNxLxPu/xPugaurUJAnhp/8pKuBawC
            IQDjKj2wSBrnwdVfqEarQdgAPGCIOU98U+D9DLincK23iw==
            -----END CERTIFICATE-----
            """,
        key: """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHDQioww0ENRLHXpR
            la3p0lCKI+jocu8hRXsUkqm9PjehRANCAATb0VVXakyoAQk70piGo8EBAeW0TJ0d
            LyV6KmqiBOksumK4PARphFyMgWkfB65L3iY/w8XCSFoVm75TrXf8NRCi
            -----END PRIVATE KEY-----
            """
    )
}
