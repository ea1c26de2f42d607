//! What texts, calls and emails say, by language. The words are ours; Twilio's English SMS is as it is.
//!
//! `{name}` is who sends, `{code}` the code, `{spoken}` the code digit by digit, `{amount}` and `{payee}` a
//! payment.

/// The words of a language.
pub struct Words {
    /// `en`, `pt-BR`, ...
    pub locale: &'static str,
    /// An SMS.
    pub sms: &'static str,
    /// An SMS that confirms a payment.
    pub payment: &'static str,
    /// Behind an SMS, if the service warns.
    pub warning: &'static str,
    /// A call, before a key is pressed.
    pub press: &'static str,
    /// A call.
    pub call: &'static str,
    /// A WhatsApp message.
    pub whatsapp: &'static str,
    /// An email's subject.
    pub subject: &'static str,
    /// An email's text.
    pub email: &'static str,
}

const ENGLISH: Words = Words {
    locale: "en",
    sms: "Your {name} verification code is: {code}",
    payment: "Your {name} code for the payment of {amount} to {payee} is: {code}",
    warning: "Don't share this code with anyone; our employees will never ask for the code.",
    press: "Hello. To hear your code, press any key.",
    call: "Your {name} verification code is: {spoken}. Once more: {spoken}. Goodbye.",
    whatsapp: "{code} is your verification code. For your security, do not share it.",
    subject: "Your {name} verification code",
    email: "Your {name} verification code is: {code}. It is valid for 10 minutes.",
};

const OTHERS: &[Words] = &[
    Words {
        locale: "es",
        sms: "Tu código de verificación de {name} es: {code}",
        payment: "Tu código de {name} para el pago de {amount} a {payee} es: {code}",
        warning: "No compartas este código con nadie; nuestros empleados nunca te lo pedirán.",
        press: "Hola. Para escuchar tu código, pulsa cualquier tecla.",
        call: "Tu código de verificación de {name} es: {spoken}. Otra vez: {spoken}. Adiós.",
        whatsapp: "{code} es tu código de verificación. Por tu seguridad, no lo compartas.",
        subject: "Tu código de verificación de {name}",
        email: "Tu código de verificación de {name} es: {code}. Es válido durante 10 minutos.",
    },
    Words {
        locale: "de",
        sms: "Dein {name} Bestätigungscode lautet: {code}",
        payment: "Dein {name} Code für die Zahlung von {amount} an {payee} lautet: {code}",
        warning: "Gib diesen Code an niemanden weiter; wir werden dich nie danach fragen.",
        press: "Hallo. Um deinen Code zu hören, drücke eine beliebige Taste.",
        call: "Dein {name} Bestätigungscode lautet: {spoken}. Noch einmal: {spoken}. Auf Wiederhören.",
        whatsapp: "{code} ist dein Bestätigungscode. Gib ihn zu deiner Sicherheit nicht weiter.",
        subject: "Dein {name} Bestätigungscode",
        email: "Dein {name} Bestätigungscode lautet: {code}. Er gilt 10 Minuten.",
    },
    Words {
        locale: "fr",
        sms: "Votre code de vérification {name} est : {code}",
        payment: "Votre code {name} pour le paiement de {amount} à {payee} est : {code}",
        warning: "Ne communiquez ce code à personne ; nous ne vous le demanderons jamais.",
        press: "Bonjour. Pour entendre votre code, appuyez sur une touche.",
        call: "Votre code de vérification {name} est : {spoken}. Je répète : {spoken}. Au revoir.",
        whatsapp: "{code} est votre code de vérification. Pour votre sécurité, ne le partagez pas.",
        subject: "Votre code de vérification {name}",
        email: "Votre code de vérification {name} est : {code}. Il est valable 10 minutes.",
    },
    Words {
        locale: "it",
        sms: "Il tuo codice di verifica {name} è: {code}",
        payment: "Il tuo codice {name} per il pagamento di {amount} a {payee} è: {code}",
        warning: "Non condividere questo codice con nessuno; non te lo chiederemo mai.",
        press: "Ciao. Per ascoltare il codice, premi un tasto qualsiasi.",
        call: "Il tuo codice di verifica {name} è: {spoken}. Ripeto: {spoken}. Arrivederci.",
        whatsapp: "{code} è il tuo codice di verifica. Per la tua sicurezza, non condividerlo.",
        subject: "Il tuo codice di verifica {name}",
        email: "Il tuo codice di verifica {name} è: {code}. È valido per 10 minuti.",
    },
    Words {
        locale: "nl",
        sms: "Je {name} verificatiecode is: {code}",
        payment: "Je {name} code voor de betaling van {amount} aan {payee} is: {code}",
        warning: "Deel deze code met niemand; wij vragen er nooit om.",
        press: "Hallo. Druk op een toets om je code te horen.",
        call: "Je {name} verificatiecode is: {spoken}. Nogmaals: {spoken}. Tot ziens.",
        whatsapp: "{code} is je verificatiecode. Deel hem voor je veiligheid niet.",
        subject: "Je {name} verificatiecode",
        email: "Je {name} verificatiecode is: {code}. Hij is 10 minuten geldig.",
    },
    Words {
        locale: "pt-BR",
        sms: "Seu código de verificação {name} é: {code}",
        payment: "Seu código {name} para o pagamento de {amount} a {payee} é: {code}",
        warning: "Não compartilhe este código com ninguém; nunca vamos pedi-lo.",
        press: "Olá. Para ouvir seu código, pressione qualquer tecla.",
        call: "Seu código de verificação {name} é: {spoken}. Mais uma vez: {spoken}. Até logo.",
        whatsapp: "{code} é seu código de verificação. Para sua segurança, não o compartilhe.",
        subject: "Seu código de verificação {name}",
        email: "Seu código de verificação {name} é: {code}. É válido por 10 minutos.",
    },
];

/// The languages that Verify knows; those without words of their own here are sent in English.
const LOCALES: &[&str] = &[
    "af", "ar", "ca", "cs", "da", "de", "el", "en", "en-GB", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "it", "ja", "kn", "ko", "lt", "mr", "ms", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sv", "te", "th",
    "tl", "tr", "uk", "vi", "zh", "zh-CN", "zh-HK",
];

/// The language that people of a country are written to when none is asked for.
const BY_COUNTRY: &[(&str, &str)] = &[
    ("AR", "es"),
    ("AT", "de"),
    ("BR", "pt-BR"),
    ("CL", "es"),
    ("CO", "es"),
    ("DE", "de"),
    ("ES", "es"),
    ("FR", "fr"),
    ("IT", "it"),
    ("MX", "es"),
    ("NL", "nl"),
    ("PE", "es"),
];

/// A language by the name that calls give it, in any case.
pub fn locale(name: &str) -> Option<&'static str> {
    LOCALES.iter().find(|known| known.eq_ignore_ascii_case(name)).copied()
}

/// The language of a country.
pub fn of_country(country: &str) -> &'static str {
    BY_COUNTRY.iter().find(|(known, _)| *known == country).map_or("en", |(_, locale)| *locale)
}

/// The words of a language: its own, those of its main form (`pt` for `pt-BR`), or English.
pub fn words(locale: &str) -> &'static Words {
    let main = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    let exact = OTHERS.iter().find(|words| words.locale == locale);
    exact.or_else(|| OTHERS.iter().find(|words| main(words.locale) == main(locale))).unwrap_or(&ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_the_code() {
        for words in OTHERS.iter().chain([&ENGLISH]) {
            assert!(locale(words.locale).is_some(), "{}", words.locale);
            assert!([words.sms, words.payment, words.whatsapp, words.email].iter().all(|text| text.contains("{code}")));
            assert!(words.call.contains("{spoken}") && words.subject.contains("{name}"));
        }
        assert_eq!((words("pt").locale, words("en-GB").locale, words("th").locale), ("pt-BR", "en", "en"));
        assert!(BY_COUNTRY.iter().all(|(_, name)| locale(name).is_some()));
    }
}
